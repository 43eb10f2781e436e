import { ConfigError, type SeriesKind, type Timeframe, timeframeMs } from '@perpdesk/core';

/** How long bars of one timeframe stay. */
export interface BarRetention {
  readonly kind: 'candle' | 'volume';
  readonly timeframe: Timeframe;
  /** Kept from their open on, ms. */
  readonly keepMs: number;
  /** What they are added up to before they go; a bar that is there already stays as it is. Default: nothing. */
  readonly rollUpTo?: Timeframe;
  /**
   * What becomes of bars that are too few to make one up: `keep` (default), for nothing is invented and nothing lost, or
   * `delete`.
   */
  readonly incomplete?: 'keep' | 'delete';
}

/** How long other rows stay. */
export interface RowRetention {
  readonly kind: Exclude<SeriesKind, 'candle' | 'volume'>;
  /** Of indicators only, and needed there. */
  readonly timeframe?: Timeframe;
  /** Kept from their own time on, ms. */
  readonly keepMs: number;
  /** Before that: after `afterMs`, only the last row of each stretch of `everyMs` stays. */
  readonly thin?: { readonly afterMs: number; readonly everyMs: number };
}

/** What stays how long. Kinds and timeframes that no policy names stay for ever. */
export type RetentionPolicy = BarRetention | RowRetention;

const dayMs = 86_400_000;

/**
 * Minutes for 90 days, then hours for 2 years; quotes by the minute after a week; indicators, which can be made again from bars, as
 * long as somebody looks back at them; the rest for a year and more.
 */
export const defaultRetention: readonly RetentionPolicy[] = [
  { kind: 'candle', timeframe: '1m', keepMs: 90 * dayMs, rollUpTo: '1h' },
  { kind: 'candle', timeframe: '5m', keepMs: 180 * dayMs, rollUpTo: '1h' },
  { kind: 'candle', timeframe: '15m', keepMs: 365 * dayMs, rollUpTo: '1h' },
  { kind: 'candle', timeframe: '1h', keepMs: 730 * dayMs, rollUpTo: '1d' },
  { kind: 'volume', timeframe: '1m', keepMs: 90 * dayMs, rollUpTo: '1h' },
  { kind: 'indicators', timeframe: '5m', keepMs: 14 * dayMs },
  { kind: 'indicators', timeframe: '15m', keepMs: 45 * dayMs },
  { kind: 'indicators', timeframe: '1h', keepMs: 180 * dayMs },
  { kind: 'quote', keepMs: 90 * dayMs, thin: { afterMs: 7 * dayMs, everyMs: 60_000 } },
  { kind: 'predicted-funding', keepMs: 365 * dayMs, thin: { afterMs: 30 * dayMs, everyMs: 3_600_000 } },
  { kind: 'open-interest', keepMs: 730 * dayMs, thin: { afterMs: 90 * dayMs, everyMs: 300_000 } },
  { kind: 'prediction', keepMs: 365 * dayMs, thin: { afterMs: 30 * dayMs, everyMs: 60_000 } },
  { kind: 'liquidation', keepMs: 365 * dayMs },
];

/** Tells the two apart. */
export const isOfBars = (policy: RetentionPolicy): policy is BarRetention =>
  policy.kind === 'candle' || policy.kind === 'volume';

/** @throws ConfigError `retention.policy` for a policy that can not be meant. */
export function checkRetention(policies: readonly RetentionPolicy[]): void {
  const seen = new Set<string>();
  for (const policy of policies) {
    const name = `${policy.kind} ${policy.timeframe ?? ''}`.trim();
    const refuse = (why: string): never => {
      throw new ConfigError('retention.policy', `The retention of ${name} ${why}.`);
    };
    if (seen.has(name)) refuse('is given twice');
    seen.add(name);
    if (!(policy.keepMs > 0)) refuse(`keeps rows for a time above 0 ms, not ${policy.keepMs}`);
    if (isOfBars(policy)) {
      const { timeframe, rollUpTo } = policy;
      if (rollUpTo === undefined) continue;
      const [from, to] = [timeframeMs(timeframe), timeframeMs(rollUpTo)];
      if (to <= from || to % from !== 0) refuse(`can not roll up to ${rollUpTo}`);
    } else {
      if ((policy.kind === 'indicators') !== (policy.timeframe !== undefined))
        refuse(policy.kind === 'indicators' ? 'needs a timeframe' : 'has no timeframe');
      const { thin } = policy;
      if (thin !== undefined && !(thin.everyMs > 0 && thin.afterMs >= 0 && thin.afterMs < policy.keepMs))
        refuse(`thins to one row every ${thin.everyMs} ms after ${thin.afterMs} ms and before ${policy.keepMs} ms`);
    }
  }
}
