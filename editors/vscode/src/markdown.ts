/** Markdown out of texts that may hold anything: names and paths come from a workspace. */

/** Text that stands for itself. */
export function plain(text: string): string {
  return flat(text).replace(/[\\`*_{}[\]()<>#+\-.!~&:@$^=]/g, (mark) => `\\${mark}`);
}

/** Text in the font of code. */
export function code(text: string): string {
  const one = flat(text);
  if (one.trim() === "") {
    return "";
  }
  const longest = Math.max(0, ...(one.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = one.startsWith("`") || one.endsWith("`") ? " " : "";
  return `${fence}${padding}${one}${padding}${fence}`;
}

/** A table whose cells are Markdown already. Columns named in `right` are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const rule = head.map((_, column) => (right.includes(column) ? "---:" : "---"));
  return [head, rule, ...rows].map((cells) => `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`).join("\n");
}

/** Blocks with an empty line between them; "" is no block. */
export function document(...blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function flat(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters have no business in a document for people
  return text.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]+/g, " ");
}
