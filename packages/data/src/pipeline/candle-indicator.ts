import type { Candle } from '@perpdesk/core';

/**
 * What an {@link IndicatorPipeline} runs over the closed bars of a series: a built-in indicator or one of your own.
 *
 * @example
 * const range: CandleIndicator = {
 *   outputs: [''],
 *   update: (candle) => { span = candle.high - candle.low; },
 *   value: () => span,
 *   reset: () => { span = Number.NaN; },
 *   preview: (candle) => [candle.high - candle.low],
 * };
 */
export interface CandleIndicator {
  /** What it computes. The empty name stands for the indicator itself: `macd(12,26,9)` beside `macd(12,26,9).signal`. */
  readonly outputs: readonly string[];
  /** Takes the next closed bar. Called once per bar, oldest first. */
  update(candle: Candle): void;
  /** The value of `outputs[index]` after the last bar; NaN while there is none. */
  value(index: number): number;
  /** Forgets all bars. Called when a gap ends the series. */
  reset(): void;
  /**
   * The values, by output, as they would be if this bar, which is still forming, closed as it stands; changes nothing. Called
   * as often as someone asks. Left out: previews lack its values.
   */
  preview?(candle: Candle): readonly number[];
}
