export namespace Geometry.Flat {
  export function length(v: Vector): number { return Math.hypot(v.x, v.y); }
  namespace Inner {
    export const zero = () => ({ x: 0, y: 0 });
  }
}
declare module "legacy" {
  export function old(): void;
}
module Old {
  function kept() {}
}
declare global {
  interface Window { app: unknown }
}
