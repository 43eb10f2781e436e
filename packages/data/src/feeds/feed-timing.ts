import type { FeedChannel } from '@perpdesk/core';

/** How patient a feed is. All in ms; times of the machine's clock. */
export interface FeedTiming {
  /** How often silence, quiet bars and polls are looked after. Default 1,000. */
  readonly tickMs: number;
  /** The pause before the first reconnection, doubled from then on, each drawn between half and all of it. Default 1,000. */
  readonly firstBackoffMs: number;
  /** Default 30,000. */
  readonly longestBackoffMs: number;
  /** How long a connection has to hold for the pauses to begin anew. Default 10,000. */
  readonly stableMs: number;
  /** How long after its subscription an open socket without a word is taken to be subscribed. Default 2,000. */
  readonly settleMs: number;
  /** The first pause before a request for what was missed is repeated. Default 500. */
  readonly retryMs: number;
  /** How long after its end a bar may stay without a word before it is asked for. Default 5,000. */
  readonly closeGraceMs: number;
  /** How long a socket may take to say its first word on a stream that is never silent. Default 20,000. */
  readonly firstWordMs: number;
  /** Instead of the venue's own times; see VenueFeed.silentAfterMs. */
  readonly silentAfterMs: Readonly<Partial<Record<FeedChannel, number>>>;
  /** How often the venue's clock is compared. Default 600,000. */
  readonly skewEveryMs: number;
}

export const defaultTiming: FeedTiming = {
  tickMs: 1_000,
  firstBackoffMs: 1_000,
  longestBackoffMs: 30_000,
  stableMs: 10_000,
  settleMs: 2_000,
  retryMs: 500,
  closeGraceMs: 5_000,
  firstWordMs: 20_000,
  silentAfterMs: {},
  skewEveryMs: 600_000,
};
