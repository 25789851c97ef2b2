export function groupBy<T, K extends string | number>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const name = key(item);
    (groups.get(name) ?? groups.set(name, []).get(name)!).push(item);
  }
  return groups;
}
const identity = <T,>(value: T): T => value;
const pick: Picker<number> = function <U>(this: Context, value: U) { return value; };
export const curry = <A, B, C>(f: (a: A, b: B) => C) => (a: A) => (b: B): C => f(a, b);
