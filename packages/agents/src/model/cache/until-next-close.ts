import { barOpenMs, type Clock, type Timeframe, timeframeMs } from '@perpdesk/core';

/**
 * How long answers count that are about the present bar of a timeframe: until it closes.
 * @example
 * new CachedModel({ model, clock, ttlMs: untilNextClose(clock, '15m') });
 */
export const untilNextClose =
  (clock: Clock, timeframe: Timeframe): (() => number) =>
  () => {
    const nowMs = clock.nowMs();
    return barOpenMs(timeframe, nowMs) + timeframeMs(timeframe) - nowMs;
  };
