import type { Clock, FeedGap, FeedGapReason, InstrumentId, Logger, Trade } from '@perpdesk/core';
import type { TradeMark } from './venue-feed.ts';
import { whileHeld } from './while-held.ts';

/** What a tape tells. */
export interface TapeListener {
  trade(trade: Trade): void;
  gap(gap: FeedGap): void;
}

export interface TradeTapeOptions {
  readonly instrumentId: InstrumentId;
  readonly clock: Clock;
  readonly listener: TapeListener;
  readonly logger: Logger;
  /** See TradeSource.sequentialIds. */
  readonly sequentialIds: boolean;
  /** Past trades after one, oldest first; undefined where the venue tells none. */
  readonly fetch: ((since: TradeMark) => Promise<readonly Trade[]>) | undefined;
  /** The first pause before asking again, ms. */
  readonly retryMs: number;
}

/** Ids remembered to know a trade again. */
const rememberedIds = 8_192;
/** Trades that may wait for what was missed to be fetched; beyond it the gap is given up. */
const mostHeld = 50_000;
const attempts = 5;

/**
 * One instrument's trades, each told once. After a break new ones wait while what was missed is fetched; then the missed, the
 * gap, and what waited are told in that order. A gap counts as filled only when the fetched trades reach from one that was
 * told before to the first that waited.
 */
export class TradeTape {
  readonly #options: TradeTapeOptions;
  readonly #seen = new Set<string>();
  readonly #order: string[] = new Array(rememberedIds).fill('');
  #next = 0;
  #last: TradeMark | undefined;
  #broken: { reason: FeedGapReason; fromMs: number } | undefined;
  #held: Trade[] = [];
  /** What waited when the socket went again: known, but with a hole behind it. */
  #kept: Trade[] = [];
  /** Counts breaks: what is fetched over one has to be fetched again. */
  #breaks = 0;
  #connected = true;
  #filling = false;
  #stopped = false;
  readonly #stopping = new AbortController();
  #duplicates = 0;

  constructor(options: TradeTapeOptions) {
    this.#options = options;
  }

  /** Trades that came again and were not told again. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** The last trade that was told. */
  get last(): TradeMark | undefined {
    return this.#last;
  }

  /** True for a trade that was not told and is not older than the last one. */
  isNew(trade: Trade): boolean {
    const last = this.#last;
    if (this.#seen.has(trade.id) || last === undefined) return false;
    return this.#options.sequentialIds ? Number(trade.id) > Number(last.id) : trade.exchangeAtMs > last.atMs;
  }

  /** Takes a trade of the socket. */
  offer(trade: Trade): void {
    if (this.#stopped) return;
    if (this.#broken !== undefined) {
      this.#held.push(trade);
      if (this.#held.length > mostHeld) this.#end(false);
      return;
    }
    if (this.#isOld(trade)) return;
    if (this.#skipsOne(trade)) {
      this.breakOff('sequence');
      this.#held.push(trade);
      this.resume();
      return;
    }
    this.#tell(trade);
  }

  /** From here on something may be missing. */
  breakOff(reason: FeedGapReason): void {
    if (this.#last === undefined || this.#stopped) return;
    this.#breaks += 1;
    this.#connected = false;
    this.#kept.push(...this.#held);
    this.#held = [];
    this.#broken ??= { reason, fromMs: this.#last.atMs };
  }

  /** The socket tells again: what was missed can be fetched. Nothing when nothing was missed. */
  resume(): void {
    this.#connected = true;
    if (this.#broken === undefined || this.#filling || this.#stopped) return;
    this.#filling = true;
    void this.#fill();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopping.abort();
    this.#held = [];
    this.#kept = [];
    this.#seen.clear();
  }

  async #fill(): Promise<void> {
    const { fetch, clock, logger, instrumentId, retryMs } = this.#options;
    const breaks = this.#breaks;
    for (let attempt = 0; fetch !== undefined && attempt < attempts && !this.#stopped; attempt += 1) {
      const since = this.#last;
      if (since === undefined) break;
      if (attempt > 0) await clock.sleep(retryMs * 2 ** (attempt - 1), this.#stopping).catch(() => {});
      if (this.#stopped) return;
      // Asked as it is now: meanwhile the socket may have gone again.
      const first = this.#held[0];
      try {
        const missed = await whileHeld(clock, fetch(since));
        if (this.#stopped || this.#broken === undefined) return;
        if (breaks !== this.#breaks) break;
        const reachesBack = this.#reachesBack(missed, since);
        for (const trade of this.#withKept(missed)) if (!this.#isOld(trade)) this.#tell(trade);
        if (!reachesBack) break;
        if (this.#reachesForward(missed, first)) return this.#end(true);
      } catch (error) {
        logger.debug(
          { instrumentId, attempt, error: error instanceof Error ? error.message : 'unknown' },
          'Missed trades could not be fetched.',
        );
      }
    }
    this.#filling = false;
    if (breaks === this.#breaks) this.#end(false);
    else if (this.#connected) this.resume();
  }

  #withKept(missed: readonly Trade[]): readonly Trade[] {
    const kept = this.#kept;
    this.#kept = [];
    if (kept.length === 0) return missed;
    const bySequence = (a: Trade, b: Trade): number => Number(a.id) - Number(b.id);
    const byTime = (a: Trade, b: Trade): number => a.exchangeAtMs - b.exchangeAtMs;
    return [...missed, ...kept].sort(this.#options.sequentialIds ? bySequence : byTime);
  }

  /** True when the fetched trades begin at or before the last one that was told. */
  #reachesBack(missed: readonly Trade[], since: TradeMark): boolean {
    const oldest = missed[0];
    if (oldest === undefined) return true;
    if (this.#seen.has(oldest.id)) return true;
    if (this.#options.sequentialIds) return Number(oldest.id) <= Number(since.id) + 1;
    return oldest.exchangeAtMs < since.atMs || missed.some(({ id }) => id === since.id);
  }

  /** True when nothing can be missing between the fetched trades and the first that waits. */
  #reachesForward(missed: readonly Trade[], first: Trade | undefined): boolean {
    if (first === undefined) return true;
    const last = this.#last;
    if (this.#seen.has(first.id)) return true;
    if (this.#options.sequentialIds) return last !== undefined && Number(first.id) <= Number(last.id) + 1;
    return missed.some(({ id, exchangeAtMs }) => id === first.id || exchangeAtMs > first.exchangeAtMs);
  }

  #end(filled: boolean): void {
    const broken = this.#broken;
    this.#filling = false;
    if (broken === undefined || this.#stopped) return;
    for (const trade of this.#withKept([])) if (!this.#isOld(trade)) this.#tell(trade);
    const held = this.#held;
    this.#held = [];
    this.#broken = undefined;
    // What was fetched may reach beyond the first that waited.
    const toMs = Math.max(
      broken.fromMs,
      held[0]?.exchangeAtMs ?? 0,
      filled || held.length === 0 ? (this.#last?.atMs ?? 0) : 0,
    );
    this.#options.listener.gap({
      instrumentId: this.#options.instrumentId,
      channel: 'trades',
      reason: broken.reason,
      fromMs: broken.fromMs,
      toMs,
      filled,
    });
    // After a gap that stays open the next id is no second one.
    if (!filled) this.#last = undefined;
    for (const trade of held) this.offer(trade);
  }

  #isOld(trade: Trade): boolean {
    const last = this.#last;
    const old =
      this.#seen.has(trade.id) ||
      (this.#options.sequentialIds && last !== undefined && Number(trade.id) <= Number(last.id));
    if (old) this.#duplicates += 1;
    return old;
  }

  #skipsOne(trade: Trade): boolean {
    const last = this.#last;
    return this.#options.sequentialIds && last !== undefined && Number(trade.id) > Number(last.id) + 1;
  }

  #tell(trade: Trade): void {
    const forgotten = this.#order[this.#next];
    if (forgotten) this.#seen.delete(forgotten);
    this.#order[this.#next] = trade.id;
    this.#next = (this.#next + 1) % rememberedIds;
    this.#seen.add(trade.id);
    this.#last = { id: trade.id, atMs: trade.exchangeAtMs };
    this.#options.listener.trade(trade);
  }
}
