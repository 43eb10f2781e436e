import type { Timeframe } from '@perpdesk/core';
import type { Sensitivity } from '../analyst/sensitivity.ts';

/** What a user sets of Luma. */
export interface LumaSettings {
  /** `calm` needs readings a quarter larger for the same score, `hyper` a fifth smaller. Default `alert`. */
  readonly sensitivity: Sensitivity;
  /** The candle whose close asks for a view. Default `5m`. */
  readonly trigger: Extract<Timeframe, '1m' | '5m' | '15m' | '1h'>;
  /** `strong-only`: a score below strong (70) is published as neutral, with its score as it is. Default `all`. */
  readonly filter: 'all' | 'strong-only';
}

/** Luma's settings where the user chose none. */
export const lumaSettings: LumaSettings = { sensitivity: 'alert', trigger: '5m', filter: 'all' };

/** Luma's thresholds, in one place. Set once, from reasons. */
export const lumaDefaults = {
  weight: 0.35,
  /** Candles read of each timeframe (PRODUCT), plus one to measure a change over. */
  candles: 21,
  /** The timeframes volume is read on, and how much each counts. */
  volumeTimeframes: [
    { timeframe: '5m', weight: 0.6 },
    { timeframe: '1h', weight: 0.4 },
  ],
  /** The timeframe that open interest's price change is measured on. */
  priceTimeframe: '5m',
  /** The hourly change of open interest, in percent, that is full. */
  openInterestFull: 2,
  /** Positions that close (covering, capitulation) carry a move on for less long than new ones. */
  closingShare: 0.25,
  /** Funding leans against the crowd: from one deviation, full at three; or from 5 bp per 8 h, full at 15. */
  funding: { outlierFrom: 1, outlierFull: 2, rateFrom: 5, rateFull: 10, spreadFull: 5, spreadShare: 0.4 },
  /** Conviction and money flow at which volume is full: about two deviations of a random walk. */
  volumeFull: { conviction: 0.5, delta: 0.25 },
  /** How much an unusual last bar strengthens or weakens the reading. */
  anomalyBounds: { low: 0.7, high: 1.3 },
  /** One bar over half of the volume of twenty: not many hands. */
  concentrated: 0.6,
  /** Flow: what venues build counts three fifths, liquidations two; they are full at 1 % of an hour's turnover. */
  flow: { buildShare: 0.6, liquidationFull: 0.01 },
} as const;

/** The scores from which a label holds: neutral below 20, weak below 40, moderate below 70, else strong (PRODUCT §2). */
export const lumaLabels = { weak: 20, moderate: 40, strong: 70 } as const;
