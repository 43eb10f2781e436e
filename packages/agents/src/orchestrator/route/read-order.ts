import type { MarketId } from '@perpdesk/core';
import type { CommandOf } from './chat-command.ts';
import { readLeverage, readPercent, readPrice, readSize } from './read-number.ts';
import type { WordCursor } from './word-cursor.ts';

/** A command as far as it was understood, and the words that were not. */
export interface ReadCommand<Command> {
  readonly command: Command;
  readonly unread: readonly string[];
}

type Order = CommandOf<'place-order'>;
type Draft = { -readonly [Member in keyof Order]: Order[Member] };

const name = (word: string): string | undefined => (/^[a-z][a-z0-9-]{0,63}$/.test(word) ? word : undefined);
const dollars = (word: string): string | undefined => (word.startsWith('$') ? readSize(word.slice(1)) : undefined);

/** Reads what follows `buy` or `sell`. Each thing may be said once; what is said twice, or is no part of an order, stays unread. */
export function readOrder(
  side: Order['side'],
  cursor: WordCursor,
  marketOf: (word: string) => MarketId | undefined,
): ReadCommand<Order> {
  const order: Draft = {
    kind: 'place-order',
    market: null,
    side,
    type: null,
    size: null,
    dollars: null,
    price: null,
    stopLoss: null,
    takeProfits: [],
    venue: null,
    leverage: null,
  };
  const unread: string[] = [];
  /** Sets a member that was not set; a second value for it is a contradiction. */
  const set = <Member extends keyof Draft>(member: Member, value: Draft[Member], said: string): void => {
    if (order[member] === null || order[member] === value) order[member] = value;
    else unread.push(said);
  };
  const readTargets = (): void => {
    cursor.take('at', '@');
    for (let price = cursor.takeAs(readPrice); price !== undefined; price = cursor.takeAs(readPrice)) {
      cursor.take('for', 'with');
      if (order.takeProfits.length < 4) order.takeProfits.push({ price, percent: cursor.takeAs(readPercent) ?? null });
      else unread.push(price);
      cursor.take('and');
      cursor.take('at');
    }
  };
  while (cursor.next !== undefined) {
    const said = cursor.next;
    const leverage = takeLeverage(cursor);
    if (leverage !== undefined) set('leverage', leverage, said);
    else if (cursor.take('stop', 'sl', 'stop-loss', 'stop loss', 'stoploss') !== undefined) {
      cursor.take('at', '@');
      const price = cursor.takeAs(readPrice);
      if (price === undefined) unread.push(said);
      else set('stopLoss', price, said);
    } else if (
      cursor.take('target', 'targets', 'tp', 'take profit', 'take-profit', 'take profits', 'take-profits') !== undefined
    ) {
      readTargets();
    } else if (cursor.take('at the market', 'at market', 'market order', 'market') !== undefined) {
      set('type', 'market', said);
      cursor.take('price');
    } else if (cursor.take('limit order', 'limit') !== undefined) {
      set('type', 'limit', said);
      cursor.take('at', 'price', '@');
      const price = cursor.takeAs(readPrice);
      if (price !== undefined) set('price', price, said);
    } else if (cursor.take('at', '@', 'price') !== undefined) {
      cursor.take('a', 'price', 'limit', 'of');
      const price = cursor.takeAs(readPrice);
      if (price === undefined) unread.push(said);
      else {
        set('price', price, said);
        set('type', 'limit', said);
      }
    } else if (cursor.take('on', 'via') !== undefined) {
      const venue = cursor.takeAs(name);
      if (venue === undefined) unread.push(said);
      else set('venue', venue, said);
    } else if (
      cursor.take(
        'a',
        'an',
        'the',
        'of',
        'with',
        'and',
        'my',
        'please',
        'order',
        'perp',
        'perpetual',
        'now',
        'for me',
        'worth',
      ) === undefined
    ) {
      readAmountOrMarket(cursor, marketOf, set, unread);
    }
  }
  return { command: order, unread };
}

/** `5x`, `at 5x leverage`, `leverage of 5`: gone past. */
function takeLeverage(cursor: WordCursor): string | undefined {
  const [first = '', second = '', third = ''] = [cursor.next, cursor.after(), cursor.after(2)];
  if (/^(?:at|with|using|@)$/i.test(first) && readLeverage(second) !== undefined) cursor.skip();
  const times = cursor.takeAs(readLeverage);
  if (times !== undefined) {
    cursor.take('leverage');
    return times;
  }
  const isNamed = /^leverage$/i.test(first) && [second, third].some((word) => leverageOf(word) !== undefined);
  if (!isNamed) return undefined;
  cursor.take('leverage of', 'leverage at', 'leverage');
  return cursor.takeAs(leverageOf);
}

const leverageOf = (word: string): string | undefined => readLeverage(word) ?? readSize(word);

function readAmountOrMarket(
  cursor: WordCursor,
  marketOf: (word: string) => MarketId | undefined,
  set: <Member extends keyof Draft>(member: Member, value: Draft[Member], said: string) => void,
  unread: string[],
): void {
  const said = cursor.next ?? '';
  const market = cursor.takeAs(marketOf);
  if (market !== undefined) return set('market', market, said);
  const amount = cursor.takeAs(dollars);
  if (amount !== undefined) return set('dollars', amount, said);
  const size = cursor.takeAs(readSize);
  if (size === undefined) {
    unread.push(cursor.skip());
    return;
  }
  const isDollars = cursor.take('usd', 'usdc', 'usdt', 'dollars', 'dollar', 'bucks') !== undefined;
  set(isDollars ? 'dollars' : 'size', size, said);
}
