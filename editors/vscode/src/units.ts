/** Seconds and bytes as the server writes them, with no more digits than a prediction supports. */

import type { Quantiles } from "./answers";

type Unit = "s" | "B";

const STEPS: Record<Unit, readonly (readonly [number, string])[]> = {
  s: [
    [60, "min"],
    [1, "s"],
    [1e-3, "ms"],
    [1e-6, "µs"],
    [1e-9, "ns"],
  ],
  B: [
    [1e12, "TB"],
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "kB"],
    [1, "B"],
  ],
};
const RESOLUTION: Record<Unit, number> = { s: 1e-9, B: 1 }; // below it there is nothing to print
const TWO_DIGITS_UP_TO = 10; // of p90/p10
const ONE_DIGIT_UP_TO = 100;

export function formatValue(value: number, unit: string, digits = 2): string {
  if (!isUnit(unit)) {
    return `${value.toPrecision(digits)} ${unit}`;
  }
  const rounded = roundedFor(value, unit, digits);
  const [step, name] = stepFor(rounded, unit);
  return `${plain(rounded / step, step === RESOLUTION[unit] ? 0 : digits)} ${name}`;
}

/** The middle, or `~low–high` where the interval is too wide for one. */
export function formatInterval(prediction: Quantiles): string {
  const digits = digitsOf(prediction);
  return digits === 0 ? `~${range(prediction, 1)}` : formatValue(prediction.p50, prediction.unit, digits);
}

/** p10–p90 with as many digits as the middle has. */
export function formatBand(prediction: Quantiles): string {
  return range(prediction, Math.max(digitsOf(prediction), 1));
}

/** Bytes of memory or disk; the server says null where the system does not tell. */
export function formatSize(size: number | null): string {
  return size === null ? "unknown" : formatValue(size, "B");
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

function digitsOf(prediction: Quantiles): number {
  const floor = isUnit(prediction.unit) ? RESOLUTION[prediction.unit] : Number.MIN_VALUE;
  const ratio = Math.max(prediction.p90, floor) / Math.max(prediction.p10, floor);
  return ratio <= TWO_DIGITS_UP_TO ? 2 : ratio <= ONE_DIGIT_UP_TO ? 1 : 0;
}

function range({ p10, p90, unit }: Quantiles, digits: number): string {
  const [low, high] = [formatValue(p10, unit, digits), formatValue(p90, unit, digits)];
  if (low === high || !isUnit(unit)) {
    return low === high ? high : `${low}–${high}`;
  }
  const rounded = [roundedFor(p10, unit, digits), roundedFor(p90, unit, digits)] as const;
  const [step, name] = stepFor(rounded[1], unit);
  const whole = step === RESOLUTION[unit];
  if (rounded[0] === 0 || rounded[0] / step >= 0.01 || whole) {
    const shown = whole ? 0 : digits;
    return `${plain(rounded[0] / step, shown)}–${plain(rounded[1] / step, shown)} ${name}`;
  }
  return `${low}–${high}`;
}

/** Rounded to digits of the unit that it will be printed in: 59.7 s becomes 1.0 min. */
function roundedFor(value: number, unit: Unit, digits: number): number {
  const floor = RESOLUTION[unit];
  if (!(value >= floor / 2)) {
    return 0;
  }
  let result = Math.max(value, floor);
  for (let turn = 0; turn < 2; turn++) {
    const [step] = stepFor(result, unit);
    const scaled = result / step;
    const places = digits - 1 - Math.floor(Math.log10(scaled));
    const kept = step === floor ? Math.min(places, 0) : places; // whole bytes, whole nanoseconds
    result = Math.round(scaled * 10 ** kept) / 10 ** kept * step;
  }
  return result;
}

function stepFor(value: number, unit: Unit): readonly [number, string] {
  const steps = STEPS[unit];
  const smallest = steps[steps.length - 1] ?? ([1, unit] as const);
  return steps.find(([step]) => value >= step * (1 - 1e-12)) ?? smallest;
}

function plain(value: number, digits: number): string {
  if (value === 0) {
    return "0";
  }
  return digits === 0 ? value.toFixed(0) : value.toFixed(Math.max(digits - 1 - Math.floor(Math.log10(value) + 1e-12), 0));
}

function isUnit(unit: string): unit is Unit {
  return unit === "s" || unit === "B";
}
