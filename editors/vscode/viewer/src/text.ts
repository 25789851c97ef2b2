/** Numbers, shapes and names as they are read by people. */

import type { Tensor } from "./document";

const STEPS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  s: [
    [1, "s"],
    [1e-3, "ms"],
    [1e-6, "µs"],
    [1e-9, "ns"],
  ],
  B: [
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "kB"],
    [1, "B"],
  ],
  "": [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
    [1, ""],
  ],
};

/** Three significant digits with a unit that fits: 1.23 ms, 4.09 GMAC. */
export function quantity(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "unknown";
  }
  if (unit === "%") {
    return `${String(Number(value.toPrecision(3)))} %`;
  }
  const steps = STEPS[unit] ?? STEPS[""];
  const suffix = unit in STEPS ? "" : unit;
  const size = Math.abs(value);
  const [step, name] = steps.find(([least]) => size >= least * 0.9995) ?? steps[steps.length - 1];
  const scaled = value / step;
  const text = size === 0 ? "0" : Math.abs(scaled) >= 999.5 ? Math.round(scaled).toLocaleString("en") : String(Number(scaled.toPrecision(3)));
  const label = name + suffix;
  return label === "" ? text : `${text} ${label}`;
}

/** A share of one, as a percentage. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) {
    return "0 %";
  }
  return value < 0.1 ? "<0.1 %" : `${value >= 9.95 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function tensorText({ dtype, shape }: Tensor): string {
  return `${dtype || "unknown type"} ${shape}`;
}

/** Long texts lose their middle: in names, both ends tell. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) {
    return text;
  }
  const letters = Array.from(text);
  if (letters.length <= most) {
    return text;
  }
  const tail = Math.floor((most - 1) * 0.6);
  return `${letters.slice(0, most - 1 - tail).join("")}…${letters.slice(letters.length - tail).join("")}`;
}

/** "12 nodes", "1 node". */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}
