export function sound(a: number): number { return a; }
export function broken(a: number: string {
  return a;
}
export class Fine {
  ok(): number { return 1; }
}
