import { SampledSeries } from './sampled-series.ts';

const minuteMs = 60_000;
/** A bar's close stands for the price where no ticker spoke for so long. */
const tickerSilenceMs = 90_000;
/** A price that is older than this says nothing of an instant. */
const longestMs = 10 * minuteMs;

/** The price of one instrument over a day, one value every five minutes and the newest: the mark, or the closes of bars. */
export class PriceTrack {
  readonly #samples = new SampledSeries({ spacingMs: 5 * minuteMs, capacity: 300 });
  #newest = Number.NaN;
  #newestAtMs = Number.NEGATIVE_INFINITY;
  #tickerAtMs = Number.NEGATIVE_INFINITY;

  /** Takes a mark. */
  tick(atMs: number, mark: number): void {
    if (atMs < this.#tickerAtMs) return;
    this.#tickerAtMs = atMs;
    this.#take(atMs, mark);
  }

  /** Takes the close of a bar, where tickers are silent. */
  close(atMs: number, close: number): void {
    if (atMs > this.#tickerAtMs + tickerSilenceMs) this.#take(atMs, close);
  }

  /** The last price at or before an instant; NaN where none is known of the ten minutes before. */
  asOf(atMs: number): number {
    if (atMs >= this.#newestAtMs) return atMs - this.#newestAtMs <= longestMs ? this.#newest : Number.NaN;
    const index = this.#samples.indexAsOf(atMs);
    return atMs - this.#samples.timeAt(index) <= longestMs ? this.#samples.valueAt(index) : Number.NaN;
  }

  #take(atMs: number, price: number): void {
    if (atMs < this.#newestAtMs) return;
    this.#newestAtMs = atMs;
    this.#newest = price;
    this.#samples.push(atMs, price);
  }
}
