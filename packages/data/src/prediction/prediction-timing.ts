import { defaultTiming, type FeedTiming } from '../feeds/feed-timing.ts';

/** How patient a prediction source is, all in ms. */
export interface PredictionTiming
  extends Pick<FeedTiming, 'tickMs' | 'firstBackoffMs' | 'longestBackoffMs' | 'stableMs'> {
  /** How often a contract is asked for where there is no socket. Default 5,000; the budget may make it longer. */
  readonly pollMs: number;
  /** Without a word for so long what is known is stale: of a socket any word, of a polled contract its own. Default 30,000. */
  readonly staleAfterMs: number;
  /** How often a contract past its closing time is asked whether it is resolved. Default 300,000. */
  readonly resolutionMs: number;
  /** The shortest pause between two requests for the whole book of one contract. Default 5,000. */
  readonly resyncMs: number;
}

export const defaultPredictionTiming: PredictionTiming = {
  tickMs: defaultTiming.tickMs,
  firstBackoffMs: defaultTiming.firstBackoffMs,
  longestBackoffMs: defaultTiming.longestBackoffMs,
  stableMs: defaultTiming.stableMs,
  pollMs: 5_000,
  staleAfterMs: 30_000,
  resolutionMs: 300_000,
  resyncMs: 5_000,
};
