import type { A } from "./a";
export interface Store<T> {
  get(key: string): T | undefined;
  readonly size: number;
  onChange: (key: string) => void;
  new (name: string): Store<T>;
}
export type Handler =
  | { kind: "a"; run(): void }
  | { kind: "b" };
export enum Level {
  Low = 1,
  High,
}
type Mapped<T> = { [K in keyof T]?: T[K] extends () => infer R ? R : never };
