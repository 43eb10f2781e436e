import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { BookLevel } from '@perpdesk/core';

/**
 * Counts made straight from captured frames, to check what came through a feed. It shares no code with feeds, books or the
 * capture readers, on purpose.
 */

/** Trades summed: their number, size, and price times size. */
export interface Tally {
  trades: number;
  size: number;
  value: number;
}

export const noTally = (): Tally => ({ trades: 0, size: 0, value: 0 });

export function addTrade(tally: Tally, price: number, size: number): void {
  tally.trades += 1;
  tally.size += size;
  tally.value += price * size;
}

type Row = Readonly<Record<string, unknown>> & { readonly [index: number]: unknown };

/** A book as two plain maps. */
export class PlainBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  deltas = 0;

  /** Sets levels, each `[price, size]` or an object; a size of zero removes one. */
  set(side: 'bids' | 'asks', levels: unknown, price: number | string = 0, size: number | string = 1): void {
    for (const level of (levels ?? []) as readonly Row[]) {
      const at = Number(level[price]);
      if (Number(level[size]) === 0) this[side].delete(at);
      else this[side].set(at, Number(level[size]));
    }
  }

  /** Both sides, best first. */
  levels(): { bids: BookLevel[]; asks: BookLevel[] } {
    return {
      bids: [...this.bids].sort((a, b) => b[0] - a[0]),
      asks: [...this.asks].sort((a, b) => a[0] - b[0]),
    };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: captured JSON of six venues, read by name in tests alone
export type Body = any;

/** The lines of a packed text. */
export const linesOf = (path: string): string[] => gunzipSync(readFileSync(path)).toString().split('\n');

/** The JSON bodies of captured lines that have one of some parts: what follows the time. Sent frames are left out. */
export function bodiesOf(lines: readonly string[], parts: readonly string[] = ['']): Body[] {
  const bodies: Body[] = [];
  for (const line of lines) {
    if (!parts.some((part) => line.includes(part)) || line.includes(' <-') || line.startsWith('configuration'))
      continue;
    const start = line.search(/[{[]/);
    if (start >= 0) bodies.push(JSON.parse(line.slice(start)));
  }
  return bodies;
}

/**
 * Binance: the book is the snapshot with every event after it. Source: "How to manage a local order book correctly".
 * @param snapshot of the symbol.
 * @param from the number of the first event that counts, compared with `u`.
 */
export function countBinance(
  bodies: readonly Body[],
  symbol: string,
  snapshot: Body,
): { tally: Tally; book: PlainBook } {
  const tally = noTally();
  const book = new PlainBook();
  book.set('bids', snapshot?.bids);
  book.set('asks', snapshot?.asks);
  for (const { data } of bodies) {
    if (data?.s !== symbol) continue;
    if (data.e === 'trade' || data.e === 'aggTrade') addTrade(tally, Number(data.p), Number(data.q));
    if (data.e !== 'depthUpdate' || data.u < snapshot.lastUpdateId) continue;
    book.set('bids', data.b);
    book.set('asks', data.a);
    book.deltas += 1;
  }
  return { tally, book };
}
