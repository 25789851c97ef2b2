/** The heat of costs: one hue from pale to strong, evenly to the eye (OKLab), on a square-root scale. */

type Lab = readonly [number, number, number];

export interface Heat {
  readonly fill: string;
  /** For text on it. */
  readonly ink: string;
}

/** Where on the ramp a value stands, 0 to 1. */
export function heatAt(value: number, most: number): number {
  return most <= 0 ? 0 : Math.sqrt(Math.min(1, Math.max(0, value / most)));
}

/** The colour at `at` (0 to 1) between two colours in #rrggbb. */
export function ramp(low: string, high: string, at: number): Heat {
  const [one, other] = [toLab(low), toLab(high)];
  const mixed = one.map((part, index) => part + (other[index] - part) * at) as unknown as Lab;
  return { fill: toHex(mixed), ink: mixed[0] > 0.63 ? "#16181c" : "#ffffff" };
}

function toLab(hex: string): Lab {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toHex([lightness, a, b]: Lab): string {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const parts = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${parts.map((part) => Math.round(255 * gamma(Math.min(1, Math.max(0, part)))).toString(16).padStart(2, "0")).join("")}`;
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function gamma(part: number): number {
  return part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
}
