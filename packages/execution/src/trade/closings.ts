import { Decimal, type DomainEventMap, type Size, sum, toUsd, type Usd } from '@perpdesk/core';
import type { Closing, Netting } from './trade-messages.ts';

/** What a trade was told of the positions it had entered, and of what it filled and is in none. */
export class Closings {
  readonly #closings = new Map<string, Closing>();
  readonly #nettings = new Map<string, Size>();

  /** Notes a closing; the same one again changes nothing. */
  note(closing: Closing): void {
    this.#closings.set(closing.id, closing);
  }

  /** Notes what an entry filled against a position of the other direction; the same again changes nothing. */
  net({ id, size }: Netting): void {
    this.#nettings.set(id, size);
  }

  /** How much of the trade's entries is in no open position: it has closed, or never was in one. */
  size(): Size {
    return sum([...this.#nettings.values(), ...[...this.#closings.values()].map(({ size }) => size)]);
  }

  get any(): boolean {
    return this.#closings.size > 0;
  }

  /** What came out of them all. */
  result(): { readonly realizedPnl: Usd; readonly fees: Usd; readonly funding: Usd } {
    const all = [...this.#closings.values()];
    return {
      realizedPnl: sum(all.map(({ realizedPnl }) => realizedPnl)),
      fees: sum(all.map(({ fees }) => fees)),
      funding: sum(all.map(({ funding }) => funding)),
    };
  }
}

/**
 * What a closed position means to each trade that had entered it: its share by what it entered, to the hundred-millionth of
 * a dollar; the first takes what the others leave, so that the shares sum to the whole.
 */
export function closingsOf(
  id: string,
  { fees, funding, realizedPnl, trades = [] }: DomainEventMap['position.closed'],
): readonly (Closing & { readonly tradeId: string })[] {
  const total = new Decimal(sum(trades.map(({ size }) => size)));
  const shares = (amount: Usd): readonly Usd[] => {
    const others = trades
      .slice(1)
      .map(({ size }) => new Decimal(amount).times(size).dividedBy(total).toDecimalPlaces(8));
    const first = others.reduce((left, share) => left.minus(share), new Decimal(amount));
    return [first, ...others].map((share) => toUsd(share));
  };
  const [pnl, cost, paid] = [shares(realizedPnl), shares(fees), shares(funding)];
  return trades.flatMap(({ tradeId, size }, index) => {
    const [own, ownFees, ownFunding] = [pnl[index], cost[index], paid[index]];
    return own === undefined || ownFees === undefined || ownFunding === undefined
      ? []
      : [{ id, tradeId, size, realizedPnl: own, fees: ownFees, funding: ownFunding }];
  });
}
