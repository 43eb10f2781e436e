import type { BookDelta, BookLevel, OrderBookSnapshot } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { BookProof, LevelText } from './book-checksum.ts';
import { BookSynchronizer } from './book-synchronizer.ts';
import { OkxChecksum } from './okx-checksum.ts';
import type { SequenceRule } from './sequence-rule.ts';
import { binanceFutures, gateFutures, krakenFutures } from './sequence-rules.ts';
import {
  captureLines,
  capturesMissing,
  levelsOf,
  type RecordedDepth,
  readBinanceDepth,
} from './testing/recorded-books.ts';

/** Books of thousands of levels are compared as text: comparing them as values takes seconds. */
const text = (levels: { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] }): string =>
  `${levels.bids.map((level) => level.join(' ')).join('\n')}\n\n${levels.asks.map((level) => level.join(' ')).join('\n')}`;

/** A second book, by none of our code: two maps, sorted when asked. */
function mapBook() {
  const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  const set = (side: 'bids' | 'asks', levels: readonly BookLevel[]): void => {
    for (const [price, size] of levels) {
      if (size === 0) sides[side].delete(price);
      else sides[side].set(price, size);
    }
  };
  return {
    apply(change: { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] }): void {
      set('bids', change.bids);
      set('asks', change.asks);
    },
    clear(): void {
      sides.bids.clear();
      sides.asks.clear();
    },
    levels: () => ({
      bids: [...sides.bids].sort(([a], [b]) => b - a),
      asks: [...sides.asks].sort(([a], [b]) => a - b),
    }),
  };
}

function synchronizer(instrumentId: string, rule: SequenceRule, checksum?: OkxChecksum) {
  const told: string[] = [];
  const rebuilt = mapBook();
  const books = new BookSynchronizer({
    instrumentId: instrumentId as RecordedDepth['instrumentId'],
    rule,
    listener: {
      book(book) {
        rebuilt.clear();
        rebuilt.apply(book);
      },
      delta: (delta) => rebuilt.apply(delta),
      broken: (reason) => told.push(reason),
    },
    ...(checksum === undefined ? {} : { checksum }),
  });
  const levels = () => ({ bids: books.book.snapshot().bids, asks: books.book.snapshot().asks });
  return { books, told, levels, rebuilt };
}

function replay(recorded: RecordedDepth) {
  const made = synchronizer(recorded.instrumentId, binanceFutures);
  for (const [i, delta] of recorded.deltas.entries()) {
    if (i === recorded.snapshotAfter && recorded.snapshot) made.books.snapshot(recorded.snapshot);
    made.books.delta(delta);
  }
  return made;
}

/** The messages of a cryptofeed capture: `TS: JSON`. */
const messages = <Message>(file: string, holding: string): Message[] =>
  captureLines(`cryptofeed/${file}`, holding)
    .filter((line) => /^\d/.test(line))
    .map((line) => JSON.parse(line.slice(line.indexOf(': ') + 2)) as Message);

describe.skipIf(capturesMissing !== '')(`the recorded books${capturesMissing}`, () => {
  it('behavior: every Binance USDⓈ-M diff after the snapshot is applied, and the book equals a rebuild', () => {
    const recorded = readBinanceDepth('usdm/btcusdt_20240808.gz');
    const { books, told, levels, rebuilt } = replay(recorded);
    const independent = mapBook();
    independent.apply(recorded.snapshot as OrderBookSnapshot);
    const after = recorded.deltas.filter((delta) => delta.sequence >= (recorded.snapshot?.sequence ?? 0));
    for (const delta of after) independent.apply(delta);
    expect(told).toEqual([]);
    expect([after.length, books.counts().applied, books.counts().old]).toEqual([6547, 6547, 4]);
    expect(text(levels()) === text(independent.levels())).toBe(true);
    // What the listener was told makes the same book.
    expect(text(rebuilt.levels()) === text(independent.levels())).toBe(true);
    expect([books.book.levelCount('bids'), books.book.levelCount('asks')]).toEqual([5018, 4578]);
  });

  it('behavior: every COIN-M diff is applied, through midnight into the next file', () => {
    const recorded = readBinanceDepth('cm/btcusd_perp_20240808.gz');
    const next = readBinanceDepth('cm/btcusd_perp_20240809.gz');
    const { books, told, levels } = replay({ ...recorded, deltas: [...recorded.deltas, ...next.deltas] });
    const independent = mapBook();
    independent.apply(recorded.snapshot as OrderBookSnapshot);
    const after = recorded.deltas.filter((delta) => delta.sequence >= (recorded.snapshot?.sequence ?? 0));
    for (const delta of [...after, ...next.deltas]) independent.apply(delta);
    expect(told).toEqual([]);
    expect([books.counts().applied, books.book.sequence]).toEqual([
      after.length + next.deltas.length,
      next.deltas.at(-1)?.sequence,
    ]);
    expect(text(levels()) === text(independent.levels())).toBe(true);
  });

  it('behavior: every OKX message fits its checksum, and one changed character does not', () => {
    interface Message {
      readonly arg: { readonly instId: string };
      readonly action: 'snapshot' | 'update';
      readonly data: readonly [
        { readonly bids: string[][]; readonly asks: string[][]; readonly ts: string; readonly checksum: number },
      ];
    }
    const frames = messages<Message>('OKX.ws.1.0.gz', '"action"');
    // These frames of 2022 carry no seqId yet: counted here.
    const play = (instId: string, change: (proof: BookProof, index: number) => BookProof) => {
      const checksum = new OkxChecksum();
      const made = synchronizer(`${instId}@okx`, { ...krakenFutures, name: 'counted' }, checksum);
      for (const [index, { action, data }] of frames.filter(({ arg }) => arg.instId === instId).entries()) {
        const [{ bids, asks, ts, checksum: sum }] = data;
        const texts = (levels: string[][]): LevelText[] => levels.map(([price = '', size = '']) => [price, size]);
        const proof = change({ checksum: sum, bids: texts(bids), asks: texts(asks) }, index);
        const message = {
          instrumentId: made.books.book.instrumentId,
          bids: levelsOf(bids),
          asks: levelsOf(asks),
          sequence: index,
          exchangeAtMs: Number(ts),
          receivedAtMs: Number(ts),
        };
        if (action === 'snapshot') made.books.snapshot(message, proof);
        else made.books.delta(message, proof);
      }
      return { ...made, counts: checksum.counts() };
    };
    const ids = ['BTC-USD-220527', 'BTC-USDT', 'UNI-USD-SWAP'];
    const whole = ids.map((id) => play(id, (proof) => proof));
    expect(whole.map(({ told, counts }) => [told, counts])).toEqual(
      [99, 98, 93].map((checked) => [[], { checked, unchecked: 0 }]),
    );
    for (const id of ids) {
      const altered = play(id, (proof, index) => {
        if (index !== 0) return proof;
        const [[price, size], ...rest] = proof.bids as [LevelText, ...LevelText[]];
        return { ...proof, bids: [[price, `${size}0`], ...rest] };
      });
      expect([altered.books.state, altered.counts.checked]).toEqual(['buffering', 1]);
    }
  });

  it('behavior: every Gate and Kraken Futures update follows', () => {
    interface GateLevel {
      readonly p: string;
      readonly s: number;
    }
    interface GateBook {
      readonly id: number;
      readonly bids: GateLevel[];
      readonly asks: GateLevel[];
      readonly update: number;
    }
    interface GateUpdate {
      readonly result: { U: number; u: number; s: string; t: number; b: GateLevel[]; a: GateLevel[] };
    }
    const gateLevels = (levels: GateLevel[]) => levels.map(({ p, s }): BookLevel => [Number(p), s]);
    const gates = new Map<string, ReturnType<typeof synchronizer>>();
    const answers = captureLines('cryptofeed/GATEIO_FUTURES.http.0.0.gz', 'order_book?contract=').map((line) => ({
      contract: /contract=(\w+)&/.exec(line)?.[1] ?? '',
      book: JSON.parse(line.slice(line.indexOf(': {') + 2)) as GateBook,
    }));
    const updates = messages<GateUpdate>('GATEIO_FUTURES.ws.1.0.gz', '"event":"update"').filter(
      ({ result }) => result.U !== undefined,
    );
    // Everything waits for its snapshot, which is then joined.
    for (const { result } of updates) {
      const gate = gates.get(result.s) ?? synchronizer(`${result.s}@gate`, gateFutures);
      gates.set(result.s, gate);
      gate.books.delta({
        instrumentId: gate.books.book.instrumentId,
        bids: gateLevels(result.b),
        asks: gateLevels(result.a),
        sequence: result.u,
        firstSequence: result.U,
        exchangeAtMs: result.t,
        receivedAtMs: result.t,
      });
    }
    const joined = answers.map(({ contract, book }) =>
      gates.get(contract)?.books.snapshot({
        instrumentId: gates.get(contract)?.books.book.instrumentId ?? 'none@gate',
        bids: gateLevels(book.bids),
        asks: gateLevels(book.asks),
        sequence: book.id,
        exchangeAtMs: Math.round(book.update * 1000),
        receivedAtMs: Math.round(book.update * 1000),
      }),
    );
    const gateCounts = [...gates.values()].map(({ books }) => books.counts());
    expect(joined).toEqual(joined.map(() => true));
    expect([...gates.values()].flatMap(({ told }) => told)).toEqual([]);
    expect(gateCounts.reduce((sum, { applied, old }) => sum + applied + old, 0)).toBe(updates.length);

    interface Kraken {
      readonly feed: 'book' | 'book_snapshot';
      readonly product_id: string;
      readonly seq: number;
      readonly timestamp: number;
      readonly side: 'buy' | 'sell';
      readonly price: number;
      readonly qty: number;
      readonly bids: { price: number; qty: number }[];
      readonly asks: { price: number; qty: number }[];
    }
    const krakens = new Map<string, ReturnType<typeof synchronizer>>();
    const independent = new Map<string, ReturnType<typeof mapBook>>();
    const frames = messages<Kraken>('KRAKEN_FUTURES.ws.1.0.gz', '"feed":"book').filter(({ seq }) => seq !== undefined);
    for (const { feed, product_id: id, seq, timestamp, ...frame } of frames) {
      const kraken = krakens.get(id) ?? synchronizer(`${id}@kraken`, krakenFutures);
      krakens.set(id, kraken);
      const rebuilt = independent.get(id) ?? mapBook();
      independent.set(id, rebuilt);
      const pairs = (levels: { price: number; qty: number }[]) =>
        levels.map(({ price, qty }): BookLevel => [price, qty]);
      const level: BookLevel[] = [[frame.price, frame.qty]];
      const message: BookDelta = {
        instrumentId: kraken.books.book.instrumentId,
        bids: feed === 'book_snapshot' ? pairs(frame.bids) : frame.side === 'buy' ? level : [],
        asks: feed === 'book_snapshot' ? pairs(frame.asks) : frame.side === 'sell' ? level : [],
        sequence: seq,
        exchangeAtMs: timestamp,
        receivedAtMs: timestamp,
      };
      rebuilt.apply(message);
      if (feed === 'book_snapshot') kraken.books.snapshot(message);
      else kraken.books.delta(message);
    }
    expect([...krakens.values()].flatMap(({ told }) => told)).toEqual([]);
    const applied = [...krakens.values()].reduce((sum, { books }) => sum + books.counts().applied, 0);
    expect(applied + krakens.size).toBe(frames.length);
    for (const [id, { levels }] of krakens) expect(levels()).toEqual(independent.get(id)?.levels());
  });
});
