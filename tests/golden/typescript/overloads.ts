// Only the implementation has a body.
export function parse(text: string): number;
export function parse(text: string, radix: number): number;
export function parse(text: string, radix = 10): number {
  return parseInt(text, radix);
}
class Reader {
  read(n: number): string;
  read(name: string): string;
  read(key: number | string): string {
    return String(key);
  }
}
declare function external(a: number): void;
declare const VERSION: string;
