import { mean } from '@perpdesk/core';
import { RankedNumbers } from './ranked-numbers.ts';
import { robustZFrom } from './robust-z.ts';

/**
 * The volumes of the spans before one, in order of size: the window moves on span by span, so that what is usual among them is known
 * without looking at all of them again. Volume is spread like a log-normal variable: its logarithm has deviations that mean something.
 */
export class VolumeDay {
  readonly #spans: number;
  readonly #ranked: RankedNumbers;
  /** The logarithm of each span in the window, by slot; NaN where it says nothing: no volume, or none known. */
  readonly #logarithms: Float64Array;
  /** The span after the window; NaN where the window has to be made anew. */
  #end = Number.NaN;

  /** @param spans how many spans the window has. */
  constructor(spans: number) {
    this.#spans = spans;
    this.#ranked = new RankedNumbers(spans);
    this.#logarithms = new Float64Array(spans);
  }

  /** Notes that the volume of a span is another now. */
  changed(span: number): void {
    if (span < this.#end) this.#end = Number.NaN;
  }

  /** Moves the window to the spans before `end`. */
  moveTo(end: number, volumeOf: (span: number) => number): void {
    if (!(end >= this.#end && end < this.#end + this.#spans)) {
      this.#ranked.clear();
      this.#logarithms.fill(Number.NaN);
      this.#end = end - this.#spans;
    }
    for (; this.#end < end; this.#end += 1) {
      const slot = this.#end % this.#spans;
      const left = this.#logarithms[slot] ?? Number.NaN;
      if (!Number.isNaN(left)) this.#ranked.remove(left);
      const logarithm = finiteLogarithm(volumeOf(this.#end));
      this.#logarithms[slot] = logarithm;
      if (!Number.isNaN(logarithm)) this.#ranked.add(logarithm);
    }
  }

  /** How unusual a volume is among those of the window, see `robustZ`. */
  robustZ(volume: number, least: number): number | undefined {
    const value = finiteLogarithm(volume);
    if (Number.isNaN(value) || this.#ranked.length < least) return undefined;
    const middle = this.#ranked.median();
    const medianDistance = this.#ranked.medianDistance(middle);
    return robustZFrom({ value, middle, medianDistance, meanDistance: () => this.#meanDistance(middle) });
  }

  /** Summed in the order of time. */
  #meanDistance(middle: number): number {
    const distances: number[] = [];
    for (let span = this.#end - this.#spans; span < this.#end; span += 1) {
      const logarithm = this.#logarithms[span % this.#spans] ?? Number.NaN;
      if (!Number.isNaN(logarithm)) distances.push(Math.abs(logarithm - middle));
    }
    return mean(distances) ?? 0;
  }
}

function finiteLogarithm(volume: number): number {
  const logarithm = Math.log(volume);
  return Number.isFinite(logarithm) ? logarithm : Number.NaN;
}
