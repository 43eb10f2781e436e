import type {
  BookDelta,
  Candle,
  Clock,
  FeedChannel,
  FeedGap,
  FeedGapReason,
  FeedUpdate,
  FundingRate,
  Logger,
  OpenInterest,
  StreamStatus,
} from '@perpdesk/core';
import type { CcxtClient, SentSubscription } from '@perpdesk/core/ccxt';
import { BarTape } from './bar-tape.ts';
import { BookStream } from './book-stream.ts';
import type { FeedTiming } from './feed-timing.ts';
import type { CatalogMarket } from './market-catalog.ts';
import { QuoteBoard } from './quote-board.ts';
import type { ReconnectGate } from './reconnect-gate.ts';
import { StreamSupervisor } from './stream-supervisor.ts';
import { TradeTape } from './trade-tape.ts';
import type { VenueFeed } from './venue-feed.ts';
import type { VenueRequests } from './venue-requests.ts';

/** What a stream is given of its feed. */
export interface FeedStreamContext {
  readonly venue: VenueFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: CcxtClient;
  readonly gate: ReconnectGate;
  readonly timing: FeedTiming;
  readonly requests: Pick<VenueRequests, 'trades' | 'candles' | 'book'>;
  /** The venue's present, by its skew. */
  venueNowMs(): number;
  /** Asks by REST for what has no socket channel; the answer comes through the sink. */
  poll(channel: FeedChannel, market: CatalogMarket): Promise<void>;
  /** True when another stream lives by the same subscription. */
  isShared(subscription: SentSubscription, stream: FeedStream): boolean;
}

/** How often a state that did not change is told all the same, ms. */
const repeatStateMs = 60_000;
/** How often a state that changes may be told, ms. */
const stateEveryMs = 1_000;
/** Polls in a row that may fail before a polled stream is stale. */
const missedPolls = 3;

/**
 * One channel of one instrument, shared by all who watch it: its subscriptions, what keeps its data whole, and its numbers.
 */
export class FeedStream {
  readonly market: CatalogMarket;
  readonly channel: FeedChannel;
  readonly quotes: QuoteBoard;
  readonly trades: TradeTape | undefined;
  readonly bars: BarTape | undefined;
  readonly book: BookStream | undefined;
  readonly #context: FeedStreamContext;
  readonly #supervisors: readonly StreamSupervisor[];
  readonly #listeners = new Set<(update: FeedUpdate) => void>();
  #lastUpdateAtMs: number | undefined;
  #lastExchangeAtMs: number | undefined;
  #updates = 0;
  #invalid = 0;
  #told: StreamStatus['status'] | undefined;
  #damaged = false;
  #breakOf: { reason: FeedGapReason; fromMs: number } | undefined;
  #nextPollAtMs = 0;
  #polling = false;
  #failedPolls = 0;
  #probing = false;
  #probedAtMs: number;
  #lastState: { readonly key: string; readonly atMs: number } | undefined;

  constructor(context: FeedStreamContext, market: CatalogMarket, channel: FeedChannel) {
    this.#context = context;
    this.market = market;
    this.channel = channel;
    const { venue, clock, logger, timing, client, gate } = context;
    const instrumentId = market.instrument.id;
    this.quotes = new QuoteBoard(instrumentId);
    this.#probedAtMs = clock.nowMs();
    const gap = (told: FeedGap): void => this.#send({ kind: 'gap', gap: told });
    const shared = { instrumentId, clock, logger, retryMs: timing.retryMs };
    if (channel === 'trades') {
      this.trades = new TradeTape({
        ...shared,
        listener: { trade: (trade) => this.tell({ kind: 'trade', trade }, trade), gap },
        sequentialIds: venue.trades.sequentialIds,
        fetch: venue.trades.fetch && ((since) => context.requests.trades(market, since)),
      });
    }
    if (channel === 'candles') {
      this.bars = new BarTape({
        ...shared,
        timeframe: '1m',
        closeGraceMs: timing.closeGraceMs,
        listener: { bar: (candle, closed) => this.#tellBar(candle, closed), gap },
        fetch: (fromMs, toMs) => context.requests.candles(market, { timeframe: '1m', fromMs, toMs }, {}),
      });
    }
    if (channel === 'book') {
      this.book = new BookStream({
        ...shared,
        source: venue.book,
        listener: {
          book: (book) => this.tell({ kind: 'book', book }, book),
          delta: (delta: BookDelta) => this.tell({ kind: 'book-delta', delta }, delta),
          gap,
        },
        fetch: venue.book.snapshot === 'stream' ? undefined : () => context.requests.book(market),
        resubscribe: () => this.#resubscribe(),
      });
    }
    this.#supervisors = (venue.watches[channel] ?? []).map(
      (call) =>
        new StreamSupervisor({
          clock,
          client,
          gate,
          timing,
          symbol: market.symbol,
          call,
          silentAfterMs:
            channel === 'trades' ? undefined : (timing.silentAfterMs[channel] ?? venue.silentAfterMs[channel]),
          events: {
            back: () => this.#back(),
            down: (reason, error) => this.#down(reason, error),
            changed: () => this.#tellStatus(),
          },
        }),
    );
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** One who joins a live book is told it whole first, because deltas alone are of no use. */
  add(listener: (update: FeedUpdate) => void): void {
    this.#listeners.add(listener);
    if (this.book?.live) this.#hand(listener, { kind: 'book', book: this.book.synchronizer.book.snapshot() });
  }

  remove(listener: (update: FeedUpdate) => void): void {
    this.#listeners.delete(listener);
  }

  start(): void {
    for (const supervisor of this.#supervisors) supervisor.start();
  }

  async stop(): Promise<void> {
    this.trades?.stop();
    this.bars?.stop();
    this.book?.stop();
    this.#listeners.clear();
    const { client, venue, isShared } = this.#context;
    await Promise.all(
      this.#supervisors.map(async (supervisor) => {
        const sent = supervisor.subscription;
        const stopped = supervisor.stop();
        if (sent !== undefined && !isShared(sent, this)) {
          const goodbye = venue.unsubscribe?.(sent.message);
          if (goodbye !== undefined) client.sockets.send(sent.url, goodbye);
          client.sockets.forget(sent);
        }
        await stopped;
      }),
    );
  }

  /** True when this stream is subscribed by the same message. */
  usesSubscription(subscription: SentSubscription): boolean {
    return this.#supervisors.some(
      ({ subscription: mine }) =>
        mine?.url === subscription.url && mine.hashes.some((hash) => subscription.hashes.includes(hash)),
    );
  }

  usesSocket(url: string): boolean {
    return this.#supervisors.some(({ subscription }) => subscription?.url === url);
  }

  /** A frame of this stream came on a socket. */
  heard(url: string, nowMs: number): void {
    for (const supervisor of this.#supervisors) {
      if (supervisor.subscription?.url === url) supervisor.heard(nowMs);
    }
  }

  /** Something of this stream could not be read. Counted; what may be missing is fetched at the next tick. */
  refused(counted = true): void {
    if (counted) this.#invalid += 1;
    this.#damaged = true;
    this.trades?.breakOff('invalid');
    this.book?.damage('invalid');
  }

  /** Tells the listeners. */
  tell(update: FeedUpdate, moments: { readonly exchangeAtMs: number; readonly receivedAtMs: number }): void {
    this.#updates += 1;
    this.#lastUpdateAtMs = moments.receivedAtMs;
    this.#lastExchangeAtMs = moments.exchangeAtMs;
    this.#failedPolls = 0;
    this.#send(update);
    if (this.#breakOf !== undefined) this.#tellBreak(moments.exchangeAtMs);
    if (this.#supervisors.length === 0) this.#tellStatus();
  }

  /** Tells a state that venues repeat: when it changed, at most once a second, or once a minute. */
  tellState(update: FeedUpdate, value: FundingRate | OpenInterest): void {
    const key = 'rate' in value ? `${value.rate} ${value.settlesAtMs} ${value.predicted}` : String(value.size);
    const elapsedMs = value.receivedAtMs - (this.#lastState?.atMs ?? Number.NEGATIVE_INFINITY);
    this.#lastUpdateAtMs = value.receivedAtMs;
    this.#failedPolls = 0;
    if (elapsedMs < (key === this.#lastState?.key ? repeatStateMs : stateEveryMs)) return;
    this.#lastState = { key, atMs: value.receivedAtMs };
    this.tell(update, value);
  }

  tick(nowMs: number): void {
    for (const supervisor of this.#supervisors) supervisor.tick(nowMs);
    if (this.#damaged) {
      this.#damaged = false;
      this.trades?.resume();
    }
    this.bars?.tick(this.#context.venueNowMs());
    this.#probeWhenSilent(nowMs);
    this.#pollWhenDue(nowMs);
  }

  status(): StreamStatus {
    return {
      instrumentId: this.market.instrument.id,
      channel: this.channel,
      status: this.#supervisors.length === 0 ? this.#polledStatus() : this.#worst(),
      lastUpdateAtMs: this.#lastUpdateAtMs,
      updates: this.#updates,
      invalid: this.#invalid,
      reconnects: this.#supervisors.reduce((total, { reconnects }) => total + reconnects, 0),
    };
  }

  #worst(): StreamStatus['status'] {
    const states = this.#supervisors.map(({ status }) => status);
    const worst = (['down', 'stale', 'connecting'] as const).find((state) => states.includes(state)) ?? 'live';
    // A book that is not whole is no live one, whatever its socket says.
    return worst === 'live' && this.book !== undefined && !this.book.live ? 'connecting' : worst;
  }

  #polledStatus(): StreamStatus['status'] {
    if (this.#failedPolls >= missedPolls) return this.#lastUpdateAtMs === undefined ? 'down' : 'stale';
    return this.#lastUpdateAtMs === undefined ? 'connecting' : 'live';
  }

  #back(): void {
    this.trades?.resume();
    this.bars?.resume();
  }

  #down(reason: FeedGapReason, error: unknown): void {
    this.#context.logger.debug(
      {
        instrumentId: this.market.instrument.id,
        channel: this.channel,
        reason,
        error: error instanceof Error ? error.message : 'unknown',
      },
      'A stream ended.',
    );
    this.trades?.breakOff(reason);
    this.bars?.breakOff(reason);
    this.book?.breakOff(reason);
    this.quotes.reset();
    const keepsItself = this.trades ?? this.bars ?? this.book;
    if (keepsItself === undefined && this.#lastExchangeAtMs !== undefined)
      this.#breakOf ??= { reason, fromMs: this.#lastExchangeAtMs };
  }

  /** What is only a state, or can not be fetched later: the gap is told with the next word. */
  #tellBreak(toMs: number): void {
    const broken = this.#breakOf;
    this.#breakOf = undefined;
    if (broken === undefined) return;
    const { channel } = this;
    const instrumentId = this.market.instrument.id;
    const gap: FeedGap = { instrumentId, channel, ...broken, toMs: Math.max(toMs, broken.fromMs), filled: false };
    this.#send({ kind: 'gap', gap });
  }

  #tellBar(candle: Candle, closed: boolean): void {
    const receivedAtMs = this.#context.clock.nowMs();
    this.tell({ kind: 'candle', candle, closed, receivedAtMs }, { exchangeAtMs: candle.openAtMs, receivedAtMs });
  }

  #tellStatus(): void {
    const status = this.status();
    if (status.status === this.#told) return;
    this.#told = status.status;
    this.#send({ kind: 'status', status });
  }

  #send(update: FeedUpdate): void {
    for (const listener of this.#listeners) this.#hand(listener, update);
    if (update.kind === 'book') this.#tellStatus();
  }

  #hand(listener: (update: FeedUpdate) => void, update: FeedUpdate): void {
    try {
      listener(update);
    } catch (error) {
      this.#context.logger.error(
        { instrumentId: this.market.instrument.id, error: error instanceof Error ? error.message : 'unknown' },
        'A listener of a feed failed.',
      );
    }
  }

  /** Begins the book's stream anew, without touching the others on the socket where the venue allows it. */
  #resubscribe(): void {
    const { client, venue } = this.#context;
    for (const supervisor of this.#supervisors) {
      const sent = supervisor.subscription;
      if (sent === undefined) continue;
      const goodbye = venue.unsubscribe?.(sent.message);
      if (goodbye === undefined) supervisor.drop('sequence');
      else {
        client.sockets.send(sent.url, goodbye);
        client.sockets.send(sent.url, sent.message);
      }
    }
  }

  /**
   * Trades may be few. After a long silence the venue is asked whether there were any: if so the stream is dead although its
   * socket is open.
   */
  #probeWhenSilent(nowMs: number): void {
    const { venue, timing, logger } = this.#context;
    const patience = timing.silentAfterMs.trades ?? venue.silentAfterMs.trades;
    const supervisor = this.#supervisors[0];
    if (this.trades === undefined || patience === undefined || supervisor?.status !== 'live' || this.#probing) return;
    if (venue.trades.fetch === undefined) return;
    const lastMs = Math.max(this.#lastUpdateAtMs ?? 0, this.#probedAtMs);
    const since = this.trades.last;
    if (nowMs - lastMs < patience || since === undefined) return;
    this.#probing = true;
    void (async () => {
      try {
        const found = await this.#context.requests.trades(this.market, since);
        if (found.some((trade) => this.trades?.isNew(trade))) supervisor.drop('silent');
      } catch (error) {
        logger.debug({ error: error instanceof Error ? error.message : 'unknown' }, 'A probe failed.');
      } finally {
        this.#probing = false;
        this.#probedAtMs = this.#context.clock.nowMs();
      }
    })();
  }

  #pollWhenDue(nowMs: number): void {
    const poll = this.#context.venue.polls[this.channel];
    if (poll === undefined || this.#polling || nowMs < this.#nextPollAtMs) return;
    this.#polling = true;
    this.#nextPollAtMs = nowMs + poll.everyMs;
    void (async () => {
      try {
        await this.#context.poll(this.channel, this.market);
      } catch (error) {
        this.#failedPolls += 1;
        this.#context.logger.debug(
          { channel: this.channel, error: error instanceof Error ? error.message : 'unknown' },
          'A poll failed.',
        );
        this.#tellStatus();
      } finally {
        this.#polling = false;
      }
    })();
  }
}
