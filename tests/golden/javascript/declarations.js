#!/usr/bin/env node
"use strict";
// Running totals over a window.
function windowSums(values, width = 3) {
  "use strict";
  let sum = 0; /* of the window */
  const sums = [];
  for (let i = 0; i < values.length; i++) {
    sum += values[i]; // enters
    if (i >= width) sum -= values[i - width];

    if (i >= width - 1)
      sums.push(sum);
    else
      continue;
  }
  return sums;
}
function* countdown(from) { while (from > 0) yield from--; }
async function retry(task, times) {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (--times <= 0) throw error;
    } finally {
      log("tried");
    }
  }
}
async function* lines(stream) { for await (const chunk of stream) yield* chunk.split("\n"); }
