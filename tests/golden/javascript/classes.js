export class Matrix extends Base {
  static #count = 0;
  rows = [];
  onChange = (event) => {
    this.rows.push(event);
  };
  compare = function (a, b) { return a - b; };

  static {
    Matrix.registry = new Map();
  }

  constructor(rows) {
    super();
    this.rows = rows;
  }

  get size() { return this.rows.length; }
  set size(n) {
    this.rows.length = n;
  }

  static of(...rows) { return new Matrix(rows); }
  async load() {}
  *[Symbol.iterator]() { yield* this.rows; }
  static async *pages() { yield 1; }
  #secret() { return Matrix.#count; }
  "quoted name"() {}
  42() {}
}
const Point = class {
  norm() { return Math.hypot(this.x, this.y); }
};
export const Named = class Inner { run() {} };
