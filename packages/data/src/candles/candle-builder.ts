import { barOpenMs, type InstrumentId, type Timeframe, type Trade, timeframeMs, ValidationError } from '@perpdesk/core';
import type { BarListener } from './bar-listener.ts';
import { CandleRollup } from './candle-rollup.ts';
import { isPossible, TradeBar, type TradeCandle } from './trade-bar.ts';

const base = '1m';
const baseMs = timeframeMs(base);

/** Options of {@link CandleBuilder}. */
export interface CandleBuilderOptions {
  readonly instrumentId: InstrumentId;
  readonly listener: BarListener<TradeCandle>;
  /** What the 1m bars are rolled up into. Default: every timeframe above. */
  readonly targets?: readonly Timeframe[];
  /** How long after its end a bar waits for late trades, in milliseconds, below a minute. Default 2,000. */
  readonly graceMs?: number;
  /**
   * A minute without trades: `continue` closes a bar of volume 0 at the close before it, `omit` closes none. The higher
   * bars are the same either way. Default `continue`.
   */
  readonly quiet?: 'continue' | 'omit';
  /** From when on no trade was missed. Default: the first minute after the first trade, so that no bar is half seen. */
  readonly completeFromMs?: number;
  /** How many closed bars are kept, so that repeated and late trades of them are known. Default 5. */
  readonly remembered?: number;
  /** How far the venue time of a trade that begins a minute may be ahead of its arrival, in milliseconds. Default 60,000. */
  readonly aheadMs?: number;
}

/**
 * What became of a trade. `late`: its bar was closed; a remembered one is told as corrected. `duplicate`: known already.
 * `ahead`: stamped too far after its arrival. `invalid`: no positive price or size.
 */
export type TradeOutcome = 'accepted' | 'duplicate' | 'late' | 'ahead' | 'invalid';

/** What became of a revision. `unknown`: its trade is in no bar that is remembered. */
export type RevisionOutcome = 'accepted' | 'corrected' | 'unknown';

/** How many trades a builder has seen, by outcome. */
export type TradeCounts = Readonly<Record<TradeOutcome | 'busted' | 'amended', number>>;

/**
 * Builds the bars of one instrument from its trades.
 *
 * A bar closes once, when venue time (of a trade, or given to {@link advanceTo}) reaches its end plus the grace; until then
 * late trades go into it, ordered by venue time, those of one time as they came. After that a trade changes nothing that was
 * closed: it is counted as late and the bar told as corrected. A bar that an interruption touches is told as skipped and
 * never closed, and so is the one the builder begins in. A higher bar closes with its last minute, when all of its minutes
 * were whole: nothing is seen before its end.
 *
 * @example
 * const builder = new CandleBuilder({ instrumentId, listener: { closed: (bar) => bars.push(bar) } });
 * for (const trade of trades) builder.push(trade);
 * builder.advanceTo(clock.now());
 */
export class CandleBuilder {
  readonly #instrumentId: InstrumentId;
  readonly #listener: BarListener<TradeCandle>;
  readonly #rollup: CandleRollup;
  readonly #graceMs: number;
  readonly #aheadMs: number;
  readonly #omitsQuiet: boolean;
  /** Bars by their minute, round and round: two that may be open and those remembered. */
  readonly #bars: readonly TradeBar[];
  #accepted = 0;
  readonly #counts: Record<Exclude<keyof TradeCounts, 'accepted'>, number> = {
    duplicate: 0,
    late: 0,
    ahead: 0,
    invalid: 0,
    busted: 0,
    amended: 0,
  };
  /** When the oldest bar that is not closed opens and ends; NaN before the first trade. */
  #oldestMs = Number.NaN;
  #endMs = Number.NaN;
  #oldest = new TradeBar();
  /** The bar after it, once a trade came for it while the oldest waits for late ones. */
  #next: TradeBar | undefined;
  /** From when on trades are complete; bars that open before are skipped. */
  #completeMs: number;
  #previousClose = Number.NaN;

  /** @throws ValidationError `candles.grace` for a grace that is not 0 … 59,999, `candles.remembered` for no whole number. */
  constructor(options: CandleBuilderOptions) {
    const { graceMs = 2_000, remembered = 5 } = options;
    if (!(graceMs >= 0 && graceMs < baseMs)) {
      throw new ValidationError('candles.grace', `A grace of ${graceMs} ms is not between 0 and ${baseMs - 1}.`);
    }
    if (!(Number.isInteger(remembered) && remembered >= 0)) {
      throw new ValidationError('candles.remembered', `${remembered} bars can not be remembered: give a whole number.`);
    }
    this.#instrumentId = options.instrumentId;
    this.#listener = options.listener;
    this.#graceMs = graceMs;
    this.#aheadMs = options.aheadMs ?? 60_000;
    this.#omitsQuiet = options.quiet === 'omit';
    this.#completeMs = options.completeFromMs ?? Number.NaN;
    this.#bars = Array.from({ length: remembered + 2 }, () => new TradeBar());
    const { listener, targets } = options;
    this.#rollup = new CandleRollup({
      instrumentId: options.instrumentId,
      listener: {
        closed: (candle) => listener.closed(candle),
        skipped: (bar) => listener.skipped?.(bar),
        gapped: (gap) => listener.gapped?.(gap),
      },
      ...(targets === undefined ? {} : { targets }),
    });
  }

  /**
   * Takes a trade.
   * @throws ValidationError `candles.instrument` for one of another instrument.
   */
  push(trade: Trade): TradeOutcome {
    if (trade.instrumentId !== this.#instrumentId) this.#refuse(trade);
    const { exchangeAtMs, price, size } = trade;
    if (!isPossible(price, size)) return this.#count('invalid');
    // The usual case first: the trade belongs into the oldest open bar, is later than all in it, and no bar ends.
    const oldest = this.#oldest;
    if (exchangeAtMs > oldest.lastMs && exchangeAtMs < this.#endMs) {
      oldest.append(trade, exchangeAtMs, price, size);
      this.#accepted += 1;
      return 'accepted';
    }
    return exchangeAtMs === oldest.lastMs && exchangeAtMs < this.#endMs ? this.#put(oldest, trade) : this.#place(trade);
  }

  /**
   * Takes trades in turn, as `push` would and somewhat faster: where many come at once, from a recording or a busy frame.
   * @throws ValidationError `candles.instrument` for one of another instrument; those before it were taken.
   */
  pushAll(trades: readonly Trade[], from = 0, to: number = trades.length): void {
    for (let i = from; i < to; ) {
      i = this.#appendRun(this.#oldest, trades, i, to, this.#endMs);
      if (i === to) return;
      this.push(trades[i] as Trade);
      i += 1;
      // While the bar that ended waits for late trades, those of the next one come.
      const next = this.#next;
      if (next !== undefined) i = this.#appendRun(next, trades, i, to, this.#endMs + this.#graceMs);
    }
  }

  /** Tells that venue time has come so far, so that bars close without a trade. An earlier time than before changes nothing. */
  advanceTo(venueMs: number): void {
    if (!Number.isNaN(this.#oldestMs)) this.#advance(venueMs);
  }

  /**
   * Tells that trades may have been missed: bars that were not closed by `fromMs` and open before `toMs` are skipped.
   * Trades that fill the gap belong into a builder of their own, begun with `completeFromMs`.
   */
  interrupt(fromMs: number, toMs: number): void {
    if (Number.isNaN(this.#oldestMs)) return;
    this.#advance(fromMs);
    this.#completeMs = Math.max(this.#completeMs, toMs);
    this.#previousClose = Number.NaN;
    this.#advance(toMs);
  }

  /**
   * Takes a trade out that the venue took back. A closed bar is told as corrected and stays as it was closed.
   * @param exchangeAtMs when the trade was said to be.
   */
  bust(id: string, exchangeAtMs: number): RevisionOutcome {
    return this.#revise(id, exchangeAtMs, undefined);
  }

  /**
   * Puts a trade in the place of the one with its id and time.
   * @throws ValidationError `candles.instrument` for one of another instrument.
   */
  amend(trade: Trade): RevisionOutcome {
    if (trade.instrumentId !== this.#instrumentId) this.#refuse(trade);
    return this.#revise(trade.id, trade.exchangeAtMs, trade);
  }

  /** The newest 1m bar as far as it came, or undefined before its first trade. */
  forming(): TradeCandle | undefined {
    const bar = this.#next !== undefined && this.#next.count > 0 ? this.#next : this.#oldest;
    return bar.count === 0 ? undefined : bar.candle(this.#instrumentId, base);
  }

  /** How many trades were seen, by outcome, and how many were revised. */
  counts(): TradeCounts {
    return { ...this.#counts, accepted: this.#accepted };
  }

  #appendRun(bar: TradeBar, trades: readonly Trade[], from: number, to: number, endMs: number): number {
    const next = bar.appendRun(trades, from, to, endMs, this.#instrumentId);
    this.#accepted += next - from;
    return next;
  }

  #refuse(trade: Trade): never {
    throw new ValidationError(
      'candles.instrument',
      `The bars of ${this.#instrumentId} were given a trade of ${trade.instrumentId}.`,
    );
  }

  /** Takes a trade that is not simply the latest of the oldest open bar. */
  #place(trade: Trade): TradeOutcome {
    const { exchangeAtMs } = trade;
    if (!(exchangeAtMs - trade.receivedAtMs <= this.#aheadMs)) return this.#count('ahead');
    if (Number.isNaN(this.#oldestMs)) this.#begin(exchangeAtMs);
    else if (exchangeAtMs < this.#oldestMs) return this.#late(trade);
    else this.#advance(exchangeAtMs);
    if (exchangeAtMs < this.#endMs) return this.#put(this.#oldest, trade);
    this.#next ??= this.#barAt(this.#endMs);
    return this.#put(this.#next, trade);
  }

  /** Adds a trade to an open bar. */
  #put(bar: TradeBar, trade: Trade): TradeOutcome {
    if (!bar.add(trade)) return this.#count('duplicate');
    this.#accepted += 1;
    return 'accepted';
  }

  #count(outcome: Exclude<TradeOutcome, 'accepted'>): TradeOutcome {
    this.#counts[outcome] += 1;
    return outcome;
  }

  #begin(atMs: number): void {
    this.#oldestMs = barOpenMs(base, atMs);
    this.#endMs = this.#oldestMs + baseMs;
    this.#oldest = this.#barAt(this.#oldestMs);
    if (Number.isNaN(this.#completeMs)) this.#completeMs = atMs;
  }

  /** The bar that opens at a time, begun if it is not held. */
  #barAt(openAtMs: number): TradeBar {
    const bar = this.#bars[(openAtMs / baseMs) % this.#bars.length] as TradeBar;
    if (bar.openAtMs !== openAtMs) bar.begin(openAtMs);
    return bar;
  }

  #held(openAtMs: number): TradeBar | undefined {
    const bar = Number.isNaN(openAtMs) ? undefined : this.#bars[(openAtMs / baseMs) % this.#bars.length];
    return bar?.openAtMs === openAtMs ? bar : undefined;
  }

  /** Closes what has ended. */
  #advance(venueMs: number): void {
    while (this.#oldestMs + baseMs + this.#graceMs <= venueMs) this.#close();
  }

  #close(): void {
    const openAtMs = this.#oldestMs;
    const bar = this.#oldest;
    this.#oldestMs = this.#endMs;
    this.#endMs += baseMs;
    this.#oldest = this.#next ?? this.#barAt(this.#oldestMs);
    this.#next = undefined;
    if (openAtMs < this.#completeMs) {
      if (bar.lastMs >= this.#completeMs) this.#previousClose = bar.close;
      const reason = 'partial';
      this.#listener.skipped?.({ instrumentId: this.#instrumentId, timeframe: base, openAtMs, reason, missing: 1 });
      return;
    }
    bar.previousClose = this.#previousClose;
    const candle = bar.candle(this.#instrumentId, base);
    if (candle === undefined) return;
    this.#previousClose = candle.close;
    if (bar.count > 0 || !this.#omitsQuiet) this.#listener.closed(candle);
    this.#rollup.push(candle);
  }

  #late(trade: Trade): TradeOutcome {
    const bar = this.#held(barOpenMs(base, trade.exchangeAtMs));
    if (bar !== undefined && !bar.add(trade)) return this.#count('duplicate');
    if (bar !== undefined) this.#correct(bar, 'late');
    return this.#count('late');
  }

  #revise(id: string, exchangeAtMs: number, instead: Trade | undefined): RevisionOutcome {
    const bar = this.#held(barOpenMs(base, exchangeAtMs));
    if (bar === undefined || !bar.revise(id, exchangeAtMs, instead)) return 'unknown';
    const reason = instead === undefined ? 'busted' : 'amended';
    this.#counts[reason] += 1;
    if (bar.openAtMs >= this.#oldestMs) return 'accepted';
    this.#correct(bar, reason);
    return 'corrected';
  }

  #correct(bar: TradeBar, reason: 'late' | 'busted' | 'amended'): void {
    if (bar.openAtMs < this.#completeMs) return;
    const candle = bar.candle(this.#instrumentId, base);
    if (candle !== undefined) this.#listener.corrected?.(candle, reason);
  }
}
