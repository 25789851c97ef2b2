export abstract class Shape<T extends object> implements Drawable {
  private static count = 0;
  protected readonly listeners: Array<() => void> = [];
  declare tag: string;
  onDraw?: (shape: Shape<T>) => void;

  constructor(private readonly name: string, public data?: T) {
    Shape.count++;
  }

  abstract area(): number;

  get label(): string { return this.name; }
  set label(value: string) {
    this.listeners.forEach((f) => f());
  }

  protected scale = (by: number): this => {
    return this;
  };

  static async create<S extends object>(data: S): Promise<Shape<S>> { throw new Error("abstract"); }
  *[Symbol.iterator](): Iterator<T> {}
  private isEmpty(this: Shape<T>): this is Shape<never> { return !this.data; }
}
