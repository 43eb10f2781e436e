import { type Clock, Decimal, type Unsubscribe } from '@perpdesk/core';
import type { EngineEvent, ExchangeEngine } from '../engine/exchange-engine.ts';
import { CandleBook } from './candle-book.ts';
import { ChangeCollector } from './change-collector.ts';
import { DayFigures } from './day-figures.ts';
import type { ExchangeChanges, RecordedFunding, RecordedTrade } from './exchange-changes.ts';

/** The rate of a coin's funding at an hour. */
export interface FundingPrint {
  readonly coin: string;
  readonly rate: string;
  readonly premium: string;
  readonly atMs: number;
}

const keptTrades = 2_000;
const keptFundings = 10_000;
const hourMs = 3_600_000;

/**
 * What the exchange remembers beside its books: the tape, candles, the day's figures, funding paid and printed. It listens to
 * the engine and tells, once per act, what changed.
 */
export class ExchangeRecords {
  readonly candles = new CandleBook();
  readonly #engine: ExchangeEngine;
  readonly #clock: Clock;
  readonly #trades = new Map<string, RecordedTrade[]>();
  readonly #days = new Map<string, DayFigures>();
  readonly #fundings = new Map<string, RecordedFunding[]>();
  readonly #traded = new Map<string, Decimal>();
  readonly #prints = new Map<string, FundingPrint[]>();
  readonly #listeners = new Set<(changes: ExchangeChanges) => void>();
  readonly #collector: ChangeCollector;
  readonly #unsubscribe: Unsubscribe;
  #flushing = false;
  #hour: number;

  constructor(engine: ExchangeEngine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#collector = new ChangeCollector(engine);
    this.#hour = Math.floor(clock.nowMs() / hourMs);
    this.#unsubscribe = engine.on((event) => this.#record(event));
  }

  /** Told after each act, when all it did is done. */
  onChange(listener: (changes: ExchangeChanges) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Newest first. */
  trades(coin: string): readonly RecordedTrade[] {
    return [...(this.#trades.get(coin) ?? [])].reverse();
  }

  day(coin: string): ReturnType<DayFigures['at']> {
    return (this.#days.get(coin) ?? new DayFigures()).at(this.#clock.nowMs());
  }

  /** An account's payments, oldest first. */
  fundings(account: string): readonly RecordedFunding[] {
    return this.#fundings.get(account) ?? [];
  }

  /** All an account has traded since the exchange began, in dollars. */
  traded(account: string): Decimal {
    return this.#traded.get(account) ?? new Decimal(0);
  }

  /** A coin's hourly rates, oldest first. */
  fundingPrints(coin: string): readonly FundingPrint[] {
    return this.#prints.get(coin) ?? [];
  }

  /** Puts a text before an account, as the venue's pages do. */
  notify(account: string, text: string): void {
    this.#collector.notice(account, text);
    this.#flushSoon();
  }

  /** Looks for what the engine moves without a word (marks, rates) and prints the funding of an hour that has passed. */
  look(): void {
    const hour = Math.floor(this.#clock.nowMs() / hourMs);
    if (hour > this.#hour) {
      this.#hour = hour;
      for (const { coin } of this.#engine.assets) this.#print(coin, hour * hourMs);
    }
    this.#flushSoon();
  }

  stop(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #print(coin: string, atMs: number): void {
    const prints = this.#prints.get(coin) ?? [];
    prints.push({ coin, rate: this.#engine.fundingRate(coin), premium: '0', atMs });
    if (prints.length > keptFundings) prints.shift();
    this.#prints.set(coin, prints);
  }

  #record(event: EngineEvent): void {
    if (event.kind === 'trade') {
      const { kind: _, ...trade } = event;
      const day = this.#days.get(event.coin) ?? new DayFigures();
      this.#days.set(event.coin, day);
      day.add(event.price, event.size, event.atMs);
      this.candles.add(event.coin, event.price, event.size, event.atMs);
      this.#collector.trade(trade);
    } else if (event.kind === 'funding') {
      const { kind: _, account, ...funding } = event;
      const known = this.#fundings.get(account) ?? [];
      known.push(funding);
      if (known.length > keptFundings) known.shift();
      this.#fundings.set(account, known);
      this.#collector.funding(account, funding);
    } else {
      if (event.kind === 'fill') {
        const { account, price, size } = event.fill;
        this.#traded.set(account, this.traded(account).plus(new Decimal(price).times(size)));
      }
      this.#collector.add(event);
    }
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      const changes = this.#collector.take();
      if (changes === undefined) return;
      for (const [coin, trades] of changes.trades) {
        const tape = this.#trades.get(coin) ?? [];
        tape.push(...trades);
        tape.splice(0, Math.max(0, tape.length - keptTrades));
        this.#trades.set(coin, tape);
      }
      for (const listener of this.#listeners) listener(changes);
    });
  }
}
