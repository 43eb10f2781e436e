/** For how long a statement that puts a signal may take until its row is seen. */
const settleMs = 60_000;

/**
 * The sequence number after which signals are looked for. PostgreSQL shows rows out of the order of their numbers, so it
 * stays behind: at the highest that was seen a minute and more ago.
 */
export class SignalWatermark {
  #settled = 0;
  #pending = 0;
  #highest = 0;
  #turnedAtMs = Number.NEGATIVE_INFINITY;

  /** The number to look after, now. */
  after(nowMs: number): number {
    if (nowMs - this.#turnedAtMs >= settleMs) {
      this.#settled = this.#pending;
      this.#pending = this.#highest;
      this.#turnedAtMs = nowMs;
    }
    return this.#settled;
  }

  saw(sequence: number): void {
    this.#highest = Math.max(this.#highest, sequence);
  }
}
