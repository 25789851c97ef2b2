/** How often a server that ends by itself is started again, and how soon. */

const WINDOW_MS = 180_000;
const DELAYS_MS = [0, 500, 2_000, 5_000];

export class CrashPolicy {
  private times: number[] = [];

  /** The server has ended by itself at `now`: after how many milliseconds to start it again, undefined if it is to be left alone. */
  crashed(now: number): number | undefined {
    this.times = [...this.times.filter((time) => now - time < WINDOW_MS), now];
    return DELAYS_MS[this.times.length - 1];
  }

  /** How many times it has ended within the window. */
  get count(): number {
    return this.times.length;
  }

  /** The user has asked for another chance. */
  forget(): void {
    this.times = [];
  }
}
