import { setTimeout as pause } from 'node:timers/promises';
import { type BookDelta, type FeedGap, type FeedUpdate, SeededRandom } from '@perpdesk/core';
import { CcxtFeed } from '../../feeds/ccxt-feed.ts';
import { venueFeeds } from '../../feeds/venue-feeds.ts';
import { FastClock } from './fast-clock.ts';
import { type FaultRates, faultNames } from './fault-injector.ts';
import { syntheticBinance } from './synthetic-binance.ts';
import { levelDigest, priceOf, SyntheticMarket } from './synthetic-market.ts';
import { syntheticOkx } from './synthetic-okx.ts';
import type { SyntheticVenue } from './synthetic-venue.ts';
import { VenueServer } from './venue-server.ts';

/** Options of {@link runStreamFaults}. */
export interface StreamFaultsOptions {
  /** Default `binance`. */
  readonly venue?: 'binance' | 'okx';
  readonly seed: number;
  readonly cases: number;
  /** How many cases run side by side. Default 4. */
  readonly together?: number;
  /** What of the feed is switched off, to see that the campaign notices. Default: nothing. */
  readonly without?: 'sequence-check' | 'trade-fill' | 'checksum';
  /** Rates that no case stays below. Default: each case draws its own. */
  readonly least?: Partial<FaultRates>;
  readonly onCase?: (outcome: StreamFaultCase) => void;
}

/** What became of one case. */
export interface StreamFaultCase {
  readonly seed: number;
  /** What did not hold; empty when all did. */
  readonly failures: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  readonly told: { readonly trades: number; readonly deltas: number; readonly books: number; readonly bars: number };
  readonly gaps: { readonly told: number; readonly unfilled: number };
}

const venues = { binance: syntheticBinance, okx: syntheticOkx };
const startAtMs = Date.UTC(2026, 0, 5, 12, 0, 30);
const speed = 400;
/** Events under faults, and without any more before the comparison. */
const faultyEvents = 360;
const cleanEvents = 80;
/** In the case's own fast minutes. Silence is waited for longer than usual: a busy machine is silent, too. */
const patience = { silentAfterMs: { trades: 120_000, book: 120_000, candles: 240_000 }, firstWordMs: 120_000 };
const settleWithinMs = 20_000;

/**
 * Runs seeded cases of a stream through faults: one market on a local venue, the real feed and ccxt over real sockets, with
 * cuts, silences, lost, doubled, reordered, late and spoiled frames and failing requests. Then the faults end, and what the
 * feed told is compared with what the venue did.
 */
export async function runStreamFaults(options: StreamFaultsOptions): Promise<readonly StreamFaultCase[]> {
  const venue = venues[options.venue ?? 'binance'];
  const restore = sabotage(venue, options.without);
  const outcomes: StreamFaultCase[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < options.cases) {
      const seed = options.seed + next;
      next += 1;
      const outcome = await runCase(venue, seed, options.least ?? {});
      outcomes.push(outcome);
      options.onCase?.(outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.together ?? 4 }, worker));
  } finally {
    restore();
  }
  return outcomes.sort((a, b) => a.seed - b.seed);
}

async function runCase(venue: SyntheticVenue, seed: number, least: Partial<FaultRates>): Promise<StreamFaultCase> {
  const random = new SeededRandom(`stream-faults ${seed}`);
  const clock = new FastClock(startAtMs, speed);
  const market = new SyntheticMarket({ random, nowMs: () => clock.nowMs(), widestTicks: venue.widestTicks });
  const told = new ToldStream();
  const delivered = new Set<number>();
  await using server = new VenueServer({
    protocol: venue.protocol(market),
    faults: {
      random: new SeededRandom(`faults ${seed}`),
      frames: ratesOf(random, least),
      tampers: venue.tampers,
      requests: 0.15,
      requestsInARow: 2,
      mayFail: ({ path }) => venue.mayFail.test(path),
    },
  });
  server.onDelivered = (stream, text) => {
    if (stream === venue.tradeStream && venue.channels.includes('trades'))
      delivered.add((JSON.parse(text) as { a: number }).a);
  };
  const endpoints = await server.listen();
  const feed = new CcxtFeed({
    ...{ venue: venue.venue, clock, endpoints, random: new SeededRandom(`feed ${seed}`) },
    ...{ rateLimit: false, timeoutMs: 5_000, timing: patience },
  });
  let settled = false;
  let failures: readonly string[];
  try {
    await feed.start();
    feed.watch({ instrumentIds: [`BTC-PERP@${venue.venue}`], channels: venue.channels }, told.take);
    await server.heard(venue.streams);
    const say = async (events: number): Promise<void> => {
      for (let i = 0; i < events; i += 1) {
        for (const fact of market.advance()) {
          const { stream, text } = venue.frame(fact, market);
          server.tell(stream, text);
        }
        await pause(1);
      }
    };
    await say(faultyEvents);
    server.heal();
    const deadline = performance.now() + settleWithinMs;
    for (;;) {
      await say(cleanEvents);
      // The venue pauses, so that both are at the same point.
      for (let i = 0; i < 40 && !settled; i += 1) {
        await pause(5);
        settled = told.isAt(market, venue.channels.includes('trades'));
      }
      if (settled || performance.now() > deadline) break;
    }
    // At once: the venue's minutes go on.
    failures = told.compare(market, delivered, venue.streams.some(venue.tampers));
  } finally {
    await feed.stop();
  }
  return {
    seed,
    failures: settled ? failures : ['the feed did not come to rest', ...failures],
    faults: server.counts,
    told: told.counts(),
    gaps: { told: told.gaps.length, unfilled: told.gaps.filter(({ filled }) => !filled).length },
  };
}

/** Each case has its own mix: some faults may be rare in it, some frequent. */
function ratesOf(random: SeededRandom, least: Partial<FaultRates>): FaultRates {
  const rates: Record<keyof FaultRates, number> = {
    ...{ cut: 0.008, stall: 0.004, drop: 0.02, duplicate: 0.03 },
    ...{ reorder: 0.03, late: 0.015, corrupt: 0.01, truncate: 0.01, tamper: 0.02 },
  };
  for (const name of faultNames) rates[name] = Math.max(least[name] ?? 0, rates[name] * random.next() * 1.5);
  return rates;
}

interface ToldTrade {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly atMs: number;
  readonly receivedAtMs: number;
}

/** What the feed told, taken apart by other means than its own. */
class ToldStream {
  readonly gaps: FeedGap[] = [];
  readonly #failures = new Set<string>();
  readonly #trades: ToldTrade[] = [];
  /** Trades that were fetched: told just before a gap. */
  readonly #fetched = new Set<number>();
  readonly #bars = new Map<number, readonly number[]>();
  readonly #book = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  readonly #digests = new Map<number, number>();
  #digest = 0;
  #sequence = Number.NaN;
  #back = false;
  #deltas = 0;
  #books = 0;

  readonly take = (update: FeedUpdate): void => {
    switch (update.kind) {
      case 'trade': {
        const { id, price, size, exchangeAtMs, receivedAtMs } = update.trade;
        this.#trades.push({ id: Number(id), price, size, atMs: exchangeAtMs, receivedAtMs });
        return;
      }
      case 'book': {
        this.#books += 1;
        this.#book.bids.clear();
        this.#book.asks.clear();
        this.#digest = 0;
        this.#apply(update.book);
        this.#sequence = update.book.sequence ?? Number.NaN;
        this.#digests.set(this.#sequence, this.#digest);
        return;
      }
      case 'book-delta': {
        this.#deltas += 1;
        if (update.delta.sequence < this.#sequence) this.#back = true;
        this.#apply(update.delta);
        this.#sequence = update.delta.sequence;
        this.#digests.set(this.#sequence, this.#digest);
        return;
      }
      case 'candle': {
        const { openAtMs, open, high, low, close, volume } = update.candle;
        if (this.#bars.has(openAtMs))
          this.#failures.add(update.closed ? 'a bar is closed twice' : 'a closed bar forms');
        if (update.closed) this.#bars.set(openAtMs, [open, high, low, close, volume]);
        return;
      }
      case 'gap':
        this.gaps.push(update.gap);
        if (update.gap.channel === 'trades') this.#noteFetched();
    }
  };

  counts(): StreamFaultCase['told'] {
    return { trades: this.#trades.length, deltas: this.#deltas, books: this.#books, bars: this.#bars.size };
  }

  /** True when the newest of everything has been told. */
  isAt(market: SyntheticMarket, withTrades: boolean): boolean {
    return (
      this.#sequence === market.sequence &&
      (!withTrades || this.#trades.at(-1)?.id === market.trades.at(-1)?.id) &&
      this.#bars.has(market.closedBars.at(-1)?.openAtMs ?? 0)
    );
  }

  /** What does not hold. */
  compare(market: SyntheticMarket, delivered: ReadonlySet<number>, tampered: boolean): readonly string[] {
    this.#compareBook(market, tampered);
    this.#compareTrades(market, delivered);
    this.#compareBars(market);
    if (this.gaps.some(({ filled }) => !filled)) this.#failures.add('a gap was left open that REST could fill');
    return [...this.#failures];
  }

  #compareBook(market: SyntheticMarket, tampered: boolean): void {
    for (const side of ['bids', 'asks'] as const) {
      const truth = new Map([...market.book[side]].map(([at, size]) => [priceOf(at), size]));
      const mine = this.#book[side];
      const equal = truth.size === mine.size && [...truth].every(([price, size]) => mine.get(price) === size);
      if (!equal) this.#failures.add(`the ${side} differ at the end`);
    }
    if (this.#back && !tampered) this.#failures.add('a delta goes back');
    const books = new Set(market.digests.values());
    for (const [sequence, digest] of this.#digests) {
      // A checksum is over the levels alone: a number that was tampered with shows at the next event.
      const isRight = tampered ? books.has(digest) : market.digests.get(sequence) === digest;
      if (!isRight) this.#failures.add('the book was wrong on the way');
    }
    const bookGaps = this.gaps.filter(({ channel }) => channel === 'book').length;
    if (this.#books > bookGaps + 1) this.#failures.add('a new book came without its gap');
  }

  #compareTrades(market: SyntheticMarket, delivered: ReadonlySet<number>): void {
    const gaps = this.gaps.filter(({ channel }) => channel === 'trades');
    const truth = new Map(market.trades.map((trade) => [trade.id, trade]));
    let expected = this.#trades[0]?.id ?? 0;
    for (const { id, price, size, atMs } of this.#trades) {
      if (id !== expected) this.#failures.add(id > expected ? 'a trade is missing' : 'a trade came twice');
      expected = id + 1;
      const { price: truePrice, size: trueSize } = truth.get(id) ?? {};
      if (price !== truePrice || size !== trueSize) this.#failures.add('a trade is not what it was');
      const isReported = this.#fetched.has(id) || gaps.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
      if (!delivered.has(id) && !isReported) {
        this.#failures.add('a trade was missed and fetched without a gap told');
      }
    }
  }

  #compareBars(market: SyntheticMarket): void {
    const first = Math.min(...this.#bars.keys());
    for (const { openAtMs, open, high, low, close, volume } of market.closedBars) {
      if (openAtMs < first) continue;
      const told = this.#bars.get(openAtMs);
      if (told === undefined) this.#failures.add('a bar was not closed');
      else if (String(told) !== String([open, high, low, close, volume])) {
        this.#failures.add('a closed bar is not what it was');
      }
    }
  }

  /** The trades of one answer have one time of arrival. */
  #noteFetched(): void {
    const last = this.#trades.at(-1)?.receivedAtMs;
    for (let i = this.#trades.length - 1; i >= 0 && this.#trades[i]?.receivedAtMs === last; i -= 1) {
      this.#fetched.add(this.#trades[i]?.id ?? 0);
    }
  }

  #apply({ bids, asks }: Pick<BookDelta, 'bids' | 'asks'>): void {
    for (const [side, levels] of [['bids', bids] as const, ['asks', asks] as const]) {
      for (const [price, size] of levels) {
        const known = this.#book[side].get(price);
        if (known !== undefined) this.#digest -= levelDigest(side, price, known);
        if (size === 0) this.#book[side].delete(price);
        else {
          this.#book[side].set(price, size);
          this.#digest += levelDigest(side, price, size);
        }
      }
    }
  }
}

/** Switches a part of the feed off. @returns what switches it on again. */
function sabotage({ venue }: SyntheticVenue, without: StreamFaultsOptions['without']): () => void {
  const { book, trades } = venueFeeds[venue];
  const { rule, checksum } = book;
  const { fetch } = trades;
  if (without === 'sequence-check') Reflect.set(book, 'rule', { ...rule, join: () => 'joins', follow: () => 'next' });
  if (without === 'trade-fill') Reflect.set(trades, 'fetch', undefined);
  if (without === 'checksum') Reflect.set(book, 'checksum', undefined);
  return () => {
    Reflect.set(book, 'rule', rule);
    Reflect.set(book, 'checksum', checksum);
    Reflect.set(trades, 'fetch', fetch);
  };
}
