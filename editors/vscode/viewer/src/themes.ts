/** Which of the themes of style/themes.css holds: that of VS Code, the reader's choice, or the system's. */

import type { Ramp } from "./picture";

export const THEMES = ["light", "dark", "contrast", "contrast-light"] as const;
export type Theme = (typeof THEMES)[number];

const root = document.documentElement;

export function chosenTheme(): Theme {
  return THEMES.find((theme) => theme === root.dataset["theme"]) ?? "light";
}

export function setTheme(theme: Theme): void {
  root.dataset["theme"] = theme;
}

/** Follows VS Code, or the system until `setTheme` is called by the reader. `changed` is called after each change. */
export function followTheme(isEditor: boolean, changed: () => void): void {
  root.dataset["host"] = isEditor ? "editor" : "page";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
  const follow = () => {
    const names = document.body.classList;
    const isDark = isEditor ? names.contains("vscode-dark") || (names.contains("vscode-high-contrast") && !names.contains("vscode-high-contrast-light")) : dark.matches;
    const isStrong = isEditor ? names.contains("vscode-high-contrast") || names.contains("vscode-high-contrast-light") : contrast.matches;
    setTheme(isStrong ? (isDark ? "contrast" : "contrast-light") : isDark ? "dark" : "light");
    changed();
  };
  if (isEditor) {
    new MutationObserver(follow).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  } else {
    dark.addEventListener("change", follow);
    contrast.addEventListener("change", follow);
  }
  follow();
}

/** The ends of the heat ramp in the theme that holds. */
export function heatColours(): Ramp {
  const style = getComputedStyle(root);
  return { low: style.getPropertyValue("--heat-low").trim(), high: style.getPropertyValue("--heat-high").trim() };
}

/** The variables that the picture's style sheet uses, as they are now: for a file that has no theme. */
export function resolvedVariables(sheet: string): string {
  const style = getComputedStyle(root);
  const names = new Set([...sheet.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name));
  for (const own of ["--fill", "--on-fill", "--heat"]) {
    names.delete(own);
  }
  return [...names].map((name) => `${name}:${style.getPropertyValue(name).trim()}`).join(";");
}
