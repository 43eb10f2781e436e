import { type Account, decimal, minus, type Position, plus, sum, toUsd, type Usd, zeroUsd } from '@perpdesk/core';

/** An account at the positions that were asked for last. */
interface MarkedAccount {
  readonly positions: readonly Position[];
  /** Profit and loss of its cross positions. */
  readonly cross: Usd;
  readonly figures: Pick<Account, 'unrealizedPnl' | 'equity' | 'availableMargin'>;
}

/** What a venue told never changes, nor does a position at a mark: others take their places. */
const marked = new WeakMap<Account, MarkedAccount>();

/**
 * An account at the present marks of its positions. Equity moves with them; what is free to trade with does not rise with
 * profits that are not taken, and falls with the losses of cross positions.
 */
export function markAccount(told: Account, positions: readonly Position[], atMs: number): Account {
  let known = marked.get(told);
  if (known === undefined || !areSame(known.positions, positions)) {
    known = reckon(told, positions, known);
    marked.set(told, known);
  }
  return { ...told, ...known.figures, atMs };
}

const areSame = (known: readonly Position[], positions: readonly Position[]): boolean =>
  known.length === positions.length && known.every((position, index) => position === positions[index]);

function reckon(told: Account, positions: readonly Position[], before: MarkedAccount | undefined): MarkedAccount {
  const unrealizedPnl = sum(positions.map((position) => position.unrealizedPnl));
  const cross = sum(positions.filter(({ marginMode }) => marginMode === 'cross').map((each) => each.unrealizedPnl));
  const equity = plus(told.equity, minus(unrealizedPnl, told.unrealizedPnl));
  const availableMargin = before?.cross === cross ? before.figures.availableMargin : available(told, cross);
  return { positions, cross, figures: { unrealizedPnl, equity, availableMargin } };
}

function available(told: Account, cross: Usd): Usd {
  const loss = decimal(cross);
  const unused = decimal(told.balance).minus(decimal(told.usedMargin));
  const free = loss.isNegative() ? unused.plus(loss) : unused;
  const toldFree = decimal(told.availableMargin);
  const least = toldFree.lessThan(free) ? toldFree : free;
  return least.isNegative() ? zeroUsd : toUsd(least);
}
