import type { MarketId } from '@perpdesk/core';
import type { CommandOf } from './chat-command.ts';
import { readPercent } from './read-number.ts';
import type { ReadCommand } from './read-order.ts';
import type { WordCursor } from './word-cursor.ts';

type Close = CommandOf<'close-position'>;

const name = (word: string): string | undefined => (/^[a-z][a-z0-9-]{0,63}$/.test(word) ? word : undefined);

/** Shares in words. A third is none: no decimal is one. */
const shares = { half: '50', 'a half': '50', 'a quarter': '25', quarter: '25', 'three quarters': '75' } as const;

/**
 * Reads what follows `close` or `reduce`.
 * @param options.whole Without a share all of it is meant.
 * @param options.direction What the verb says of the position.
 */
export function readClose(
  cursor: WordCursor,
  marketOf: (word: string) => MarketId | undefined,
  { whole, direction = null }: { readonly whole: boolean; readonly direction?: Close['direction'] },
): ReadCommand<Close> {
  const close: { -readonly [Member in keyof Close]: Close[Member] } = {
    kind: 'close-position',
    market: null,
    direction,
    percent: null,
    venue: null,
  };
  const unread: string[] = [];
  const set = <Member extends keyof Close>(member: Member, value: Close[Member], said: string): void => {
    if (close[member] === null || close[member] === value) close[member] = value;
    else unread.push(said);
  };
  while (cursor.next !== undefined) {
    const said = cursor.next;
    const share = cursor.take('half', 'a half', 'a quarter', 'quarter', 'three quarters');
    if (share !== undefined) set('percent', shares[share], said);
    else if (cursor.take('all', 'everything', 'whole', 'entire', 'fully', 'completely') !== undefined)
      set('percent', '100', said);
    else if (cursor.take('on', 'at') !== undefined) {
      const venue = cursor.takeAs(name);
      if (venue === undefined || venue === 'market') unread.push(said);
      else set('venue', venue, said);
    } else if (
      cursor.take('of', 'my', 'the', 'position', 'positions', 'by', 'in', 'out', 'perp', 'please', 'now', 'for me') ===
      undefined
    ) {
      const direction = cursor.take('long', 'short');
      if (direction !== undefined) set('direction', direction, said);
      else {
        const market = cursor.takeAs(marketOf);
        const percent = market === undefined ? cursor.takeAs(readPercent) : undefined;
        if (market !== undefined) set('market', market, said);
        else if (percent !== undefined) set('percent', percent, said);
        else unread.push(cursor.skip());
      }
    }
  }
  if (whole && close.percent === null) close.percent = '100';
  return { command: close, unread };
}
