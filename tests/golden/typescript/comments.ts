/** Adds.
 * @returns the sum
 */
export function add(
  a: number, // first
  /* second */ b: number,
): number {
  // @ts-ignore
  return a + b; /* done */
}
/// <reference types="node" />
// eslint-disable-next-line
const x = 1;
