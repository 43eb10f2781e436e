import {
  type PredictionBook,
  type PredictionContract,
  type PredictionQuote,
  quoteDrift,
  quoteFromBook,
} from '@perpdesk/core';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import type { ComparableRate } from './comparable.ts';
import { plopDefaults as defaults } from './settings.ts';

/** What Plop read of a contract. */
export interface PlopReading {
  readonly contract: PredictionContract;
  readonly quote: PredictionQuote;
  readonly mid: number;
  readonly base: ComparableRate | undefined;
  readonly features: Features;
}

/** What a reading is made of. */
export interface PlopData {
  readonly contract: PredictionContract;
  readonly book: PredictionBook;
  readonly atMs: number;
  /** Quotes of the last day, oldest first; none where there is no history. */
  readonly quotes: readonly PredictionQuote[];
  readonly comparable: (mid: number) => ComparableRate | undefined;
}

const hourMs = 3_600_000;

/**
 * Computes a contract's features: `market.bid`, `.ask`, `.mid`, `.spread`, `.depthUsd` (within 5 cents), `.imbalance` (−1 all offers to 1 all
 * bids), `.drift1h` and `.drift24h` (change of the mid's log-odds), `.volatility1h` (deviation of that in an hour), `.hoursToClose`, `.volume`,
 * `.volume24h`; `base.rate`, `base.count`, `base.scope`. What can not be computed is left out.
 * @returns undefined where a side of the book is empty, or the book can not be.
 */
export function readPlop({ contract, book, atMs, quotes, comparable }: PlopData): PlopReading | undefined {
  const quote = quoteFromBook(book);
  const { bid, ask, depthUsd } = quote;
  if (!(bid > 0 && ask < 1 && bid < ask)) return undefined;
  const features = new FeatureSet();
  features
    .set('market.bid', bid)
    .set('market.ask', ask)
    .set('market.mid', (bid + ask) / 2);
  features.set('market.spread', ask - bid).set('market.depthUsd', depthUsd);
  const mid = features.get('market.mid') ?? (bid + ask) / 2;
  features.set('market.imbalance', imbalanceOf(book, mid));
  const { driftsMs } = defaults;
  const drift = quoteDrift([...quotes, { ...quote, receivedAtMs: atMs }], atMs, Object.values(driftsMs));
  features.set('market.drift1h', drift?.logOddsChanges.get(driftsMs.drift1h));
  features.set('market.drift24h', drift?.logOddsChanges.get(driftsMs.drift24h));
  features.set('market.volatility1h', drift?.hourlyLogOddsVolatility);
  features.set('market.hoursToClose', (contract.closesAtMs - atMs) / hourMs);
  features.set('market.volume', contract.volume).set('market.volume24h', contract.volume24h);
  const base = comparable(mid);
  features.set('base.rate', base?.rate).set('base.count', base?.count).set('base.scope', base?.scope);
  return { contract, quote, mid, base, features: features.values() };
}

/** (dollars bid − dollars offered) / both, of orders within 5 cents of the mid. Offers count what a buyer of NO pays. */
function imbalanceOf({ bids, asks }: PredictionBook, mid: number): number | undefined {
  const reach = defaults.imbalanceReach + 1e-9;
  let bidUsd = 0;
  let askUsd = 0;
  for (const [price, size] of bids) if (price >= mid - reach) bidUsd += price * size;
  for (const [price, size] of asks) if (price <= mid + reach) askUsd += (1 - price) * size;
  return bidUsd + askUsd > 0 ? (bidUsd - askUsd) / (bidUsd + askUsd) : undefined;
}
