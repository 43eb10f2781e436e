import { Decimal, type InstrumentId, type MarketId, marketOf, toPrice, toRate, toSize } from '@perpdesk/core';
import type { CommandOf } from '../route/chat-command.ts';
import { ask, askFor, type Draft, type DraftState } from './draft.ts';
import { named } from './fact.ts';
import { showExact, showPrice } from './show.ts';

/** A price this many times over or under the market's is rather a slip (`60.000` for sixty thousand) than meant. */
const farthest = 2;

type Order = CommandOf<'place-order'>;

/** Drafts a new position or an addition to one. It brings its own stop, on the right side, and never turns a position around. */
export function draftOrder(command: Order, { shared, mine }: DraftState): Draft {
  const { market, side, type, size, dollars, price, stopLoss, takeProfits, venue, leverage } = command;
  if (type === 'market' && price !== null) return ask('Say either a limit price or "at market", not both.');
  const symbol = market === null ? 'the market' : market.slice(0, -'-PERP'.length);
  const example = `${side ?? 'buy or sell'} <size> ${market === null ? '<market>' : symbol} at <price or market> stop <price>`;
  const missing = [
    ...(market === null ? ['the market'] : []),
    ...(side === null ? ['the side, buy or sell'] : []),
    ...(size === null ? [dollars === null ? `the size in ${symbol}` : `the size in ${symbol} (not in dollars)`] : []),
    ...(type === null || (type === 'limit' && price === null) ? ['the limit price, or "at market"'] : []),
    ...(stopLoss === null ? ['the stop'] : []),
    ...(takeProfits.length > 1 && takeProfits.some(({ percent }) => percent === null)
      ? ['the share that leaves at each target, such as "target <price> 50%"']
      : []),
  ];
  if (missing.length > 0 || market === null || side === null || size === null || type === null || stopLoss === null)
    return askFor(missing, example);
  if (dollars !== null) return ask(`Say the size once, in ${symbol}.`);
  const reference = shared.markets().includes(market) ? shared.reference(market) : undefined;
  if (reference === undefined) return ask(`This desk does not trade ${named(market)}.`);
  if (venue !== null && !venuesOf(mine).has(venue)) return ask(`You have no venue called ${named(venue)}.`);
  const listing = listingOf({ market, venue, reference }, mine);
  if ('outcome' in listing) return listing;
  const opposite = mine.positions.find(
    (position) =>
      marketOf(position.instrumentId) === market &&
      (position.direction === 'long') !== (side === 'buy') &&
      (venue === null || venue === position.venue),
  );
  if (opposite !== undefined) {
    const text = `You are ${opposite.direction} ${market} on ${named(opposite.venue)}, and an order never turns a position around. Say "close ${symbol}", or "reduce ${symbol} by" a share.`;
    return ask(text, [
      { kind: 'position', id: `${named(opposite.venue)}:${opposite.instrumentId}`, atMs: opposite.updatedAtMs },
    ]);
  }
  const unlevered = wrongLeverage({ market, venue, leverage }, mine);
  if (unlevered !== undefined) return unlevered;
  const shares = takeProfits.map(({ price: at, percent }) => ({ price: at, percent: percent ?? '100' }));
  const sum = shares.reduce((total, { percent }) => total.plus(percent), new Decimal(0));
  if (shares.length > 0 && !sum.equals(100)) return ask('The shares that leave at the targets have to add up to 100%.');
  const wrong = wrongPrice(
    { market, side, type, price, stopLoss, targets: shares.map((target) => target.price) },
    shared,
  );
  if (wrong !== undefined) return wrong;
  const ticker = shared.ticker(market);
  return {
    outcome: 'action',
    action: {
      kind: 'place-order',
      ...listing,
      side,
      type,
      size: toSize(size),
      ...(price === null ? {} : { price: toPrice(price) }),
      stopLoss: toPrice(stopLoss),
      takeProfits: shares.map((target) => ({
        price: toPrice(target.price),
        fraction: toRate(new Decimal(target.percent).dividedBy(100)),
      })),
      ...(leverage === null ? {} : { leverage: Number(leverage) }),
    },
    citations: ticker === undefined ? [] : [{ kind: 'price', id: ticker.value.instrumentId, atMs: ticker.atMs }],
  };
}

/**
 * What is ordered and where: the market's reference instrument where a venue of the user's lists it, else the market as the named venue, or
 * the first that has it, lists it. That venue is then said.
 */
function listingOf(
  { market, venue, reference }: { readonly market: MarketId; readonly reference: InstrumentId } & Pick<Order, 'venue'>,
  { listed }: DraftState['mine'],
): Draft | { readonly instrumentId: InstrumentId; readonly venue?: string } {
  const here = listed?.(market).filter((listing) => venue === null || listing.venue === venue);
  if (here === undefined || here.some(({ instrumentId }) => instrumentId === reference))
    return { instrumentId: reference, ...(venue === null ? {} : { venue }) };
  const [first] = here;
  if (first !== undefined) return { instrumentId: first.instrumentId, venue: first.venue };
  return ask(
    venue === null ? `None of your venues lists ${market}.` : `Your venue ${named(venue)} does not list ${market}.`,
  );
}

/** Venues that the user trades at. */
const venuesOf = ({ user, accounts }: DraftState['mine']): ReadonlySet<string> =>
  new Set([...user.venues, ...accounts.map(({ venue }) => venue), ...(user.venues.length === 0 ? ['paper'] : [])]);

/** Leverage that can not be had: no whole number, more than the user may, or another than what the user has in that market already. */
function wrongLeverage(
  { market, venue, leverage }: { readonly market: MarketId } & Pick<Order, 'venue' | 'leverage'>,
  { user, positions, openOrders }: DraftState['mine'],
): Draft | undefined {
  if (leverage === null) return undefined;
  const wanted = new Decimal(leverage);
  if (!wanted.isInteger() || wanted.lessThan(1))
    return ask(`Leverage is a whole number, such as 2x; ${leverage}x is not.`);
  const { maxLeverage } = user.limits;
  if (maxLeverage !== undefined && wanted.greaterThan(maxLeverage))
    return ask(`Your leverage is at most ${maxLeverage}x, and no chat raises a limit.`);
  const isHere = (held: { readonly instrumentId: InstrumentId; readonly venue: string }): boolean =>
    marketOf(held.instrumentId) === market && (venue === null || venue === held.venue);
  const entries = openOrders.filter(({ purpose }) => purpose === 'entry');
  const other = [...positions, ...entries].find(
    (held) => isHere(held) && held.leverage !== undefined && !wanted.equals(held.leverage),
  );
  return other === undefined
    ? undefined
    : ask(
        `You have ${market} on ${named(other.venue)} at ${other.leverage}x already, and a market has one leverage at its venue. Leave the leverage out to add to it.`,
      );
}

interface Prices {
  readonly market: MarketId;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly price: string | null;
  readonly stopLoss: string;
  readonly targets: readonly string[];
}

/** Prices that can not be meant: the stop or a target on the wrong side, or any far away from the market. */
function wrongPrice(
  { market, side, type, price, stopLoss, targets }: Prices,
  shared: DraftState['shared'],
): Draft | undefined {
  const ticker = shared.ticker(market);
  const citations =
    ticker === undefined ? [] : [{ kind: 'price', id: ticker.value.instrumentId, atMs: ticker.atMs } as const];
  if (ticker === undefined && type === 'market')
    return ask(
      `There is no price of ${market} now to hold a market order against. Say a limit price, or try again later.`,
    );
  const mark = ticker === undefined ? undefined : new Decimal(ticker.value.mark);
  const entry = price === null ? mark : new Decimal(price);
  if (entry === undefined) return undefined;
  for (const said of [...(price === null ? [] : [price]), stopLoss, ...targets]) {
    const ratio = mark === undefined ? new Decimal(1) : new Decimal(said).dividedBy(mark);
    if (ratio.greaterThan(farthest) || ratio.lessThan(1 / farthest))
      return ask(
        `${showExact(said)} is far from the price of ${market}, ${showPrice(Number(mark))}. Write prices out in plain digits, and check them.`,
        citations,
      );
  }
  const sign = side === 'buy' ? 1 : -1;
  const isBeyond = (said: string): boolean => new Decimal(said).minus(entry).times(sign).greaterThan(0);
  const isBehind = (said: string): boolean => new Decimal(said).minus(entry).times(sign).lessThan(0);
  const at = price === null ? `the price, ${showPrice(Number(mark))}` : `the limit, ${showExact(price)}`;
  if (!isBehind(stopLoss))
    return ask(
      `The stop of a ${side} order has to be ${side === 'buy' ? 'below' : 'above'} ${at}; ${showExact(stopLoss)} is not.`,
      citations,
    );
  const target = targets.find((said) => !isBeyond(said));
  if (target !== undefined)
    return ask(
      `A target of a ${side} order has to be ${side === 'buy' ? 'above' : 'below'} ${at}; ${showExact(target)} is not.`,
      citations,
    );
  return undefined;
}
