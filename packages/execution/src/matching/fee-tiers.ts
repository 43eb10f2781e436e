import { Decimal, type Rate, toRate, toUsd, type Usd } from '@perpdesk/core';

/** A step of a venue's fee table. */
export interface FeeTier {
  /** The volume of the last 14 days, in dollars, from which it holds. The first tier starts at "0". */
  readonly volumeFrom: Usd;
  readonly maker: Rate;
  readonly taker: Rate;
}

const tier = (volumeFrom: number, taker: string, maker: string): FeeTier => ({
  volumeFrom: toUsd(volumeFrom),
  maker: toRate(maker),
  taker: toRate(taker),
});

/**
 * Hyperliquid's perpetuals fees by 14-day volume, without staking discount, referral or maker rebate
 * (hyperliquid.gitbook.io/hyperliquid-docs/trading/fees).
 */
export const hyperliquidFeeTiers: readonly FeeTier[] = [
  tier(0, '0.00045', '0.00015'),
  tier(5_000_000, '0.0004', '0.00012'),
  tier(25_000_000, '0.00035', '0.00008'),
  tier(100_000_000, '0.0003', '0.00004'),
  tier(500_000_000, '0.00028', '0'),
  tier(2_000_000_000, '0.00026', '0'),
  tier(7_000_000_000, '0.00024', '0'),
];

/** The last tier whose volume is reached; undefined of an empty table or below its first step. */
export function feeTierAt(tiers: readonly FeeTier[], volume: Decimal): FeeTier | undefined {
  return tiers.findLast(({ volumeFrom }) => volume.greaterThanOrEqualTo(volumeFrom));
}

const dayMs = 86_400_000;

/** How many whole days of trading count towards a tier. */
export const feeWindowDays = 14;

/** The UTC day of an instant, counted from the epoch. */
export const dayOf = (atMs: number): number => Math.floor(atMs / dayMs);

/**
 * Traded notional by UTC day. Fees are assessed at the end of each day: what counts are the 14 whole days before today.
 */
export class TradedVolume {
  readonly #days = new Map<number, Decimal>();

  add(atMs: number, notional: Decimal): void {
    const day = dayOf(atMs);
    this.#days.set(day, (this.#days.get(day) ?? new Decimal(0)).plus(notional));
    for (const old of this.#days.keys()) if (old < day - feeWindowDays) this.#days.delete(old);
  }

  /** The volume of the 14 days before the day of `atMs`. */
  at(atMs: number): Decimal {
    const today = dayOf(atMs);
    let volume = new Decimal(0);
    for (const [day, notional] of this.#days) {
      if (day < today && day >= today - feeWindowDays) volume = volume.plus(notional);
    }
    return volume;
  }
}
