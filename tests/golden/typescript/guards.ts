function isText(value: unknown): value is string {
  return typeof value === "string";
}
function assertText(value: unknown): asserts value is string {
  if (!isText(value))
    throw new TypeError("no text");
}
export default function <T>(value: T): T { return value; }
