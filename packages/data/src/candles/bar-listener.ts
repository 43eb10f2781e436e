import type { Candle, CandleGap } from '@perpdesk/core';
import type { SkippedBar } from './candle-rollup.ts';

/**
 * Why a bar that was closed is told again: a trade of it came `late`, was `busted` or `amended`, or the venue `restated` it.
 * The higher bars that it is part of are not told again.
 */
export type CorrectionReason = 'late' | 'busted' | 'amended' | 'restated';

/** Who is told of bars, synchronously. Whether they are built from trades or sent by the venue makes no difference. */
export interface BarListener<Bar extends Candle = Candle> {
  /** A finished bar. Each is given once: first the base bar, then the higher ones that end with it, ascending. */
  closed(candle: Bar | Candle): void;
  /** A closed bar as it would be now. */
  corrected?(candle: Bar, reason: CorrectionReason): void;
  /** A bar that was not seen whole: of the base, or a higher one that lacks base bars. Never closed. */
  skipped?(bar: SkippedBar): void;
  /** Base bars that never came. */
  gapped?(gap: CandleGap): void;
}
