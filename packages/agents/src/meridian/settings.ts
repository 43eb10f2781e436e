import type { Sensitivity } from '../analyst/sensitivity.ts';

/** What a user sets of Meridian. */
export interface MeridianSettings {
  /** Risk-on from this score. Default 20. */
  readonly riskOn: number;
  /** Risk-off down from this score. Default −20. */
  readonly riskOff: number;
  /** How far ahead an event is a catalyst. Default `4h`. */
  readonly alertWindow: '1h' | '4h' | '8h' | '24h';
  /** `calm` needs readings a quarter larger for the same score, `hyper` a fifth smaller. Default `alert`. */
  readonly sensitivity: Sensitivity;
}

/** Meridian's settings where the user chose none. */
export const meridianSettings: MeridianSettings = { riskOn: 20, riskOff: -20, alertWindow: '4h', sensitivity: 'alert' };

const hourMs = 3_600_000;
/** The alert windows in milliseconds. */
export const alertWindows: Readonly<Record<MeridianSettings['alertWindow'], number>> = {
  '1h': hourMs,
  '4h': 4 * hourMs,
  '8h': 8 * hourMs,
  '24h': 24 * hourMs,
};

/** Meridian's thresholds, in one place. Set once, from reasons. */
export const meridianDefaults = {
  weight: 0.25,
  /** The candle whose close refreshes it between releases; its bars are its light context. */
  timeframe: '1h',
  candles: 50,
  /** Bars needed: a day's move and one. */
  leastCandles: 25,
  /** The market that shows the appetite for risk of all. */
  barometer: 'BTC-PERP',
  /** Surprises of a theme at which its component is full: a fresh critical one of two usual sizes. */
  surpriseFull: 2,
  /** Risk appetite's terms: full readings (about two deviations of a random walk) and how much each counts. */
  riskAppetite: {
    dayMove: { full: 1.25, weight: 0.45 },
    trend: { full: 3.5, weight: 0.25 },
    calm: { full: 0.5, weight: 0.15 },
    ownMove: { full: 1.25, weight: 0.15 },
  },
  /** Releases told in an opinion. */
  releases: 5,
} as const;
