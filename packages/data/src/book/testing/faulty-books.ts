import {
  type BookDelta,
  type BookLevel,
  type InstrumentId,
  type OrderBookSnapshot,
  SeededRandom,
} from '@perpdesk/core';
import { BookSynchronizer } from '../book-synchronizer.ts';
import type { SequenceRule } from '../sequence-rule.ts';
import * as rules from '../sequence-rules.ts';

const instrumentId: InstrumentId = 'BTC-PERP@test';

/** One message of a made stream. `atMs` is its index, by which the truth after it is found. */
type Message = { readonly book: OrderBookSnapshot } | { readonly delta: BookDelta };

/** How a venue numbers: from the last number to the next message's fields, by chance. */
interface Numbering {
  readonly rule: SequenceRule;
  /** Books come within the stream; else they are asked for. */
  readonly inStream: boolean;
  next(last: number, random: () => number): Pick<BookDelta, 'sequence' | 'firstSequence' | 'previousSequence'>;
  /** A restart of the numbers: by a book in the stream (Bybit) or by a delta (OKX). */
  readonly restarts?: 'book' | 'delta';
}

const upTo = (most: number, random: () => number): number => 1 + Math.floor(random() * most);
const chained = (last: number, random: () => number) => ({
  sequence: last + upTo(5, random),
  previousSequence: last,
});

export const numberings: Readonly<Record<string, Numbering>> = {
  'binance-futures': {
    rule: rules.binanceFutures,
    inStream: false,
    next: (last, random) => ({ ...chained(last, random), firstSequence: last + 1 }),
  },
  bybit: { rule: rules.bybit, inStream: true, restarts: 'book', next: (last) => ({ sequence: last + 1 }) },
  okx: { rule: rules.okx, inStream: false, restarts: 'delta', next: chained },
  'coinbase-international': { rule: rules.coinbaseInternational, inStream: true, next: chained },
  lighter: { rule: rules.lighter, inStream: true, next: chained },
  'gate-futures': {
    rule: rules.gateFutures,
    inStream: false,
    next: (last, random) => ({ sequence: last + upTo(5, random), firstSequence: last + 1 }),
  },
  'kraken-futures': { rule: rules.krakenFutures, inStream: true, next: (last) => ({ sequence: last + 1 }) },
  'whole-books': { rule: rules.wholeBooks, inStream: true, next: (last) => ({ sequence: last + 1 }) },
};

/** What one run came to. `wrong` names the first moment at which a live book was not the venue's. */
export interface FaultyRun {
  readonly wrong: string | undefined;
  /** Messages after which the book was live. */
  readonly live: number;
  readonly messages: number;
  readonly breaks: number;
}

/** How likely each fault is per message, 0 … 1. */
export interface FaultRates {
  readonly lost: number;
  readonly repeated: number;
  readonly late: number;
  readonly garbled: number;
  readonly cut: number;
}

/**
 * Plays a made stream of one numbering through faults: messages lost, repeated, late by up to five, garbled (a level or a
 * number that can not be), the socket cut and taken up again; books are asked for when the synchronizer is not live and
 * come up to eight messages later, sometimes an old one. After each message a live book must be, level for level, the
 * venue's book at the venue time it claims, and not behind a message that came in turn.
 */
export function playFaulty(name: string, seed: number, length: number, rates: FaultRates): FaultyRun {
  const numbering = numberings[name];
  if (numbering === undefined) throw new RangeError(`There is no numbering ${name}.`);
  const { rule, inStream } = numbering;
  const random = seeded(seed);
  const { messages, truth, sequences } = makeStream(numbering, random, length);
  let toldLive = false;
  let wrong: string | undefined;
  let breaks = 0;
  const books = new BookSynchronizer({
    instrumentId,
    rule,
    listener: {
      book: () => {
        toldLive = true;
      },
      delta: () => {
        if (!toldLive) wrong ??= 'a delta was told without a book';
      },
      broken: () => {
        if (!toldLive) wrong ??= 'a break was told twice';
        toldLive = false;
        breaks += 1;
      },
    },
  });
  const bookAt = (index: number): OrderBookSnapshot => ({
    instrumentId,
    ...levelsOf(truth[index] as Truth),
    sequence: sequences[index] as number,
    exchangeAtMs: index,
    receivedAtMs: index,
  });
  /** What is on its way, by the turn it arrives at. */
  const coming = new Map<number, { message: Message; inTurn: boolean }[]>();
  const send = (turn: number, message: Message, inTurn: boolean): void => {
    coming.set(turn, [...(coming.get(turn) ?? []), { message, inTurn }]);
  };
  let asked = -1;
  let live = 0;
  let newestInTurn = -1;
  for (let turn = 0; turn < length; turn += 1) {
    const message = messages[turn] as Message;
    if (random() < rates.cut) {
      // The socket is gone: what was on its way too, and what the venue says meanwhile is missed.
      coming.clear();
      books.reset();
      toldLive = false;
      asked = -1;
      newestInTurn = -1;
      const away = Math.floor(random() * 6);
      turn += away;
      if (turn >= length) break;
      if (inStream) send(turn, { book: bookAt(turn) }, true);
    } else if (random() >= rates.lost) {
      const late = random() < rates.late ? upTo(5, random) : 0;
      const garbled = random() < rates.garbled;
      send(turn + late, garbled ? garble(message, random) : message, late === 0 && !garbled);
      if (random() < rates.repeated) send(turn + upTo(5, random), message, false);
    }
    if (books.state !== 'live' && asked < turn) {
      asked = turn + upTo(8, random);
      const state = Math.max(0, turn - (random() < 0.3 ? upTo(10, random) : 0));
      send(asked, { book: bookAt(inStream ? Math.min(length - 1, asked) : state) }, inStream);
    }
    for (const { message: arrived, inTurn } of coming.get(turn) ?? []) {
      if ('book' in arrived) books.snapshot(arrived.book);
      else books.delta(arrived.delta);
      const atMs = 'book' in arrived ? arrived.book.exchangeAtMs : arrived.delta.exchangeAtMs;
      if (inTurn) newestInTurn = Math.max(newestInTurn, atMs);
      if (books.state !== 'live') continue;
      const claims = books.book.exchangeAtMs;
      const { bids, asks } = books.book.snapshot();
      if (textOf({ bids, asks }) !== textOf(levelsOf(truth[claims] as Truth)))
        wrong ??= `turn ${turn}: not the book of ${claims}`;
      if (claims < newestInTurn) wrong ??= `turn ${turn}: live at ${claims}, behind ${newestInTurn}`;
    }
    coming.delete(turn);
    if (books.state === 'live') live += 1;
  }
  return { wrong, live, messages: length, breaks };
}

type Truth = ReadonlyMap<number, number>;

/** Bids lie below 10,000, asks above. */
const levelsOf = (truth: Truth): { bids: BookLevel[]; asks: BookLevel[] } => {
  const levels = [...truth].sort(([a], [b]) => a - b);
  return {
    bids: levels.filter(([price]) => price < 10_000).reverse(),
    asks: levels.filter(([price]) => price > 10_000),
  };
};

const textOf = (levels: { bids: readonly BookLevel[]; asks: readonly BookLevel[] }): string => JSON.stringify(levels);

function makeStream(numbering: Numbering, random: () => number, length: number) {
  const messages: Message[] = [];
  const truth: Truth[] = [];
  const sequences: number[] = [];
  let book = new Map(Array.from({ length: 20 }, (_, i): [number, number] => [i < 10 ? 9990 + i : 9991 + i, 1 + i]));
  let last = 1_000_000;
  const restartAt = numbering.restarts !== undefined && random() < 0.7 ? upTo(length, random) : -1;
  const whole = (index: number): Message => ({
    book: { instrumentId, ...levelsOf(book), sequence: last, exchangeAtMs: index, receivedAtMs: index },
  });
  for (let index = 0; index < length; index += 1) {
    const changes: BookLevel[] = [];
    // Once, so that the numbers after it are not those from before a second one: that could not be told.
    const restarts = index === restartAt;
    for (let i = Math.floor(random() * 4); i >= 0; i -= 1) {
      const rank = upTo(15, random);
      changes.push([random() < 0.5 ? 10_000 - rank : 10_000 + rank, random() < 0.4 ? 0 : upTo(9, random)]);
    }
    book = new Map(book);
    for (const [price, size] of changes) {
      if (size === 0) book.delete(price);
      else book.set(price, size);
    }
    const numbers = numbering.next(last, random);
    if (restarts) {
      last = numbering.restarts === 'book' ? 1 : upTo(900_000, random);
      if (numbering.restarts === 'delta') Object.assign(numbers, { sequence: last });
    } else last = numbers.sequence;
    truth.push(book);
    sequences.push(last);
    const asBook =
      numbering.inStream &&
      (index === 0 ||
        numbering.rule === rules.wholeBooks ||
        (restarts && numbering.restarts === 'book') ||
        random() < 0.01);
    if (asBook) messages.push(whole(index));
    else {
      const levels = levelsOf(new Map(changes));
      messages.push({ delta: { instrumentId, ...levels, ...numbers, exchangeAtMs: index, receivedAtMs: index } });
    }
  }
  return { messages, truth, sequences };
}

/** A message that can not be: a price or a size that is none, or, of a delta, another number. */
function garble(message: Message, random: () => number): Message {
  const bad: BookLevel[] = [random() < 0.5 ? [Number.NaN, 1] : [9_999, random() < 0.5 ? -1 : Number.POSITIVE_INFINITY]];
  if ('book' in message) return { book: { ...message.book, bids: bad } };
  if (random() < 0.5) return { delta: { ...message.delta, bids: bad } };
  // Far below: a number garbled into one that fits, or an old delta into a new one, can not be told by any chain.
  const off = -1_000_000 - upTo(1000, random);
  return { delta: { ...message.delta, sequence: message.delta.sequence + off } };
}

function seeded(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.next();
}
