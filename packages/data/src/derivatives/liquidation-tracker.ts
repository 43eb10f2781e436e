import type { Liquidation, LiquidationCluster, LiquidationFeatures, Side } from '@perpdesk/core';
import { Ring } from '../state/ring.ts';
import { heardAtMs } from './heard-at.ts';
import { TimeBins } from './time-bins.ts';

const minuteMs = 60_000;
const hourMinutes = 60;
/** A liquidation belongs to the one before it of its side within a minute and 0.25 % of its price. */
const clusterGapMs = minuteMs;
const clusterGapShare = 0.0025;
/** A cascade, by a rule of ours: five or more that pushed the price their own way by 0.1 % from the first to the last. */
const cascadeCount = 5;
const cascadePercent = 0.1;
const keptClusters = 64;

const longsUsd = 0;
const shortsUsd = 1;
const longsCount = 2;
const shortsCount = 3;

type Growing = { -readonly [Key in keyof LiquidationCluster]: LiquidationCluster[Key] } & {
  readonly firstPrice: number;
  lastPrice: number;
};

/** Liquidations of one instrument: sums by the minute over an hour, and the clusters they form. */
export class LiquidationTracker {
  readonly #bins = new TimeBins({ widthMs: minuteMs, count: hourMinutes + 1, columns: 4 });
  readonly #clusters: Readonly<Record<Side, Ring<Growing>>> = {
    buy: new Ring(keptClusters),
    sell: new Ring(keptClusters),
  };
  #newestMs: number | undefined;

  /** When the newest happened. */
  get newestMs(): number | undefined {
    return this.#newestMs;
  }

  push(liquidation: Liquidation): void {
    const { side, price, size } = liquidation;
    const atMs = heardAtMs(liquidation);
    const usd = price * size;
    this.#bins.add(side === 'sell' ? longsUsd : shortsUsd, atMs, usd);
    this.#bins.add(side === 'sell' ? longsCount : shortsCount, atMs, 1);
    this.#newestMs = Math.max(this.#newestMs ?? atMs, atMs);
    const cluster = this.#clusters[side].newest();
    if (cluster === undefined || !continues(cluster, price, atMs)) {
      this.#clusters[side].push({
        side,
        count: 1,
        usd,
        fromMs: atMs,
        toMs: atMs,
        lowPrice: price,
        highPrice: price,
        movePercent: 0,
        firstPrice: price,
        lastPrice: price,
      });
      return;
    }
    cluster.count += 1;
    cluster.usd += usd;
    cluster.fromMs = Math.min(cluster.fromMs, atMs);
    cluster.toMs = Math.max(cluster.toMs, atMs);
    cluster.lowPrice = Math.min(cluster.lowPrice, price);
    cluster.highPrice = Math.max(cluster.highPrice, price);
    cluster.lastPrice = price;
    cluster.movePercent = 100 * (price / cluster.firstPrice - 1);
  }

  /** The last sixty whole minutes and the one under way, its clusters oldest first. */
  hour(nowMs: number): LiquidationHour {
    const last = this.#bins.spanOf(nowMs);
    const first = last - hourMinutes;
    const sum = (column: number): number => this.#bins.sum(column, first, last) || 0;
    const fromMs = first * minuteMs;
    const clusters = [...this.#clusters.buy.last(keptClusters), ...this.#clusters.sell.last(keptClusters)];
    return {
      count: sum(longsCount) + sum(shortsCount),
      longs: sum(longsUsd),
      shorts: sum(shortsUsd),
      clusters: clusters.filter(({ toMs }) => toMs >= fromMs).map(told),
    };
  }
}

/** Sums and clusters of an hour. */
export interface LiquidationHour {
  readonly count: number;
  readonly longs: number;
  readonly shorts: number;
  readonly clusters: readonly LiquidationCluster[];
}

/** The hours of one or more venues as features. Undefined when there was no liquidation: nobody knows that there was none. */
export function joinLiquidations(hours: readonly LiquidationHour[]): LiquidationFeatures | undefined {
  const sum = (pick: (hour: LiquidationHour) => number): number => hours.reduce((total, hour) => total + pick(hour), 0);
  const longs = sum((hour) => hour.longs);
  const shorts = sum((hour) => hour.shorts);
  if (!(longs + shorts > 0)) return undefined;
  const clusters = hours.flatMap((hour) => hour.clusters).sort((a, b) => a.toMs - b.toMs || a.fromMs - b.fromMs);
  const largest = clusters.reduce<LiquidationCluster | undefined>(
    (best, cluster) => (best === undefined || cluster.usd > best.usd ? cluster : best),
    undefined,
  );
  const cascade = clusters.findLast(isCascade);
  return {
    count: sum((hour) => hour.count),
    longsUsd: longs,
    shortsUsd: shorts,
    imbalance: (shorts - longs) / (longs + shorts),
    ...(largest === undefined ? {} : { largest }),
    ...(cascade === undefined ? {} : { cascade }),
  };
}

const isCascade = ({ side, count, movePercent }: LiquidationCluster): boolean =>
  count >= cascadeCount && (side === 'sell' ? -movePercent : movePercent) >= cascadePercent;

const continues = (cluster: Growing, price: number, atMs: number): boolean =>
  Math.abs(atMs - cluster.toMs) <= clusterGapMs && Math.abs(price / cluster.lastPrice - 1) <= clusterGapShare;

const told = ({ firstPrice: _, lastPrice: __, ...cluster }: Growing): LiquidationCluster => cluster;
