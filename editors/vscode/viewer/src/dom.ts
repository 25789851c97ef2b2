/** Elements. Whatever comes out of a model becomes a text node or an attribute, never markup. */

type Child = Node | string | undefined;
type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: properties that begin with "on" are listeners, true is an empty attribute, false and undefined none. */
export function html<Name extends keyof HTMLElementTagNameMap>(name: Name, properties: Properties = {}, ...children: readonly Child[]): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), properties, children);
}

export function svg<Name extends keyof SVGElementTagNameMap>(name: Name, properties: Properties = {}, ...children: readonly Child[]): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS(SVG, name), properties, children);
}

function furnish<T extends Element>(element: T, properties: Properties, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

const ICONS = {
  minus: "M3 8h10",
  plus: "M3 8h10M8 3v10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  menu: "M2.5 4h11M2.5 8h11M2.5 12h11",
  download: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  panel: "M2 3h12v10H2zM10 3v10",
  help: "M5.6 5.8a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.9-1.1 1.7M8 12.4v.1",
} as const;

export function icon(name: keyof typeof ICONS): SVGSVGElement {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** A button with a text, or with a picture and its meaning for those who do not see it. */
export function button(sign: string | SVGElement, meaning: string, onclick: () => void, properties: Properties = {}): HTMLButtonElement {
  return html("button", { type: "button", title: meaning, "aria-label": sign === meaning ? undefined : meaning, onclick, ...properties }, sign);
}
