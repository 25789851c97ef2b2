// Draws resources/icon.png, 128 × 128: three predictions with their intervals, the dearest over its budget. No rasteriser is needed.
import { writeFileSync } from "node:fs";
import { deflateSync, crc32 } from "node:zlib";

const SIZE = 128;
const SAMPLES = 4; // a side, for smooth edges

/** Shapes in paint order: [colour, inside?(x, y)]. */
const rounded = (left, top, right, bottom, radius) => (x, y) => {
  const dx = Math.max(left + radius - x, x - (right - radius), 0);
  const dy = Math.max(top + radius - y, y - (bottom - radius), 0);
  return x >= left && x <= right && y >= top && y <= bottom && dx * dx + dy * dy <= radius * radius;
};
const bar = (x, top) => rounded(x - 10, top, x + 10, 104, 4);
const interval = (x, top, bottom) => {
  const parts = [rounded(x - 1.5, top, x + 1.5, bottom, 1), rounded(x - 6, top - 1.5, x + 6, top + 1.5, 1), rounded(x - 6, bottom - 1.5, x + 6, bottom + 1.5, 1)];
  return (px, py) => parts.some((part) => part(px, py));
};
const budget = (x, y) => y >= 45 && y <= 48 && x >= 16 && x <= 112 && (x - 16) % 12 < 7;
const SHAPES = [
  [[28, 35, 51], rounded(0, 0, SIZE, SIZE, 26)],
  [[86, 182, 194], bar(34, 80)],
  [[86, 182, 194], bar(64, 62)],
  [[240, 113, 90], bar(94, 36)],
  [[232, 236, 244], interval(34, 70, 88)],
  [[232, 236, 244], interval(64, 54, 74)],
  [[232, 236, 244], interval(94, 22, 56)],
  [[245, 196, 83], budget],
];

function pixel(x, y) {
  const sum = [0, 0, 0, 0];
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
    const [px, py] = [x + ((sample % SAMPLES) + 0.5) / SAMPLES, y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES];
    const colour = SHAPES.findLast(([, inside]) => inside(px, py))?.[0];
    if (colour !== undefined) {
      colour.forEach((part, index) => (sum[index] += part));
      sum[3] += 1;
    }
  }
  return [...sum.slice(0, 3).map((part) => (sum[3] === 0 ? 0 : part / sum[3])), (sum[3] * 255) / SAMPLES ** 2].map(Math.round);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6], 8); // eight bits of red, green, blue and alpha
const rows = Array.from({ length: SIZE }, (_, y) => Buffer.from([0, ...Array.from({ length: SIZE }, (_, x) => pixel(x, y)).flat()]));
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
writeFileSync(
  "resources/icon.png",
  Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })), chunk("IEND", Buffer.alloc(0))]),
);
