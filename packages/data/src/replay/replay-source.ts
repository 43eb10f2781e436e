import {
  type Candle,
  type Instrument,
  type MarketId,
  type MarketObservation,
  type MarketSource,
  type MarketStep,
  ValidationError,
} from '@perpdesk/core';
import { candlesOf, historyBefore } from './history.ts';
import { closeOf, loadRecording, type RecordedMarket } from './load-recording.ts';
import { MarketCursor } from './market-cursor.ts';
import type { ReplayReport, ReportBuilder } from './replay-report.ts';

/** Options of {@link ReplaySource}. */
export interface ReplaySourceOptions {
  /** Files of any known format, also in folders below and mixed. */
  readonly directory: string;
  /** Replays minutes that open at or after this, ms UTC. Default: from the first. */
  readonly fromMs?: number;
  /** Replays minutes that close at or before this, ms UTC. Default: to the last. */
  readonly toMs?: number;
  /** Replays these markets only. Default: all. */
  readonly markets?: readonly MarketId[];
  /** Bars of each timeframe given as history. Default 1,500. */
  readonly historyBars?: number;
  /** Settlements before the first minute given as background, for each instrument. Default 720. */
  readonly backgroundFunding?: number;
}

interface Loaded {
  readonly markets: readonly RecordedMarket[];
  readonly report: ReportBuilder;
  /** The last close of all. Funding after it is not replayed. */
  readonly endMs: number;
}

/**
 * Replays recorded files: every 1m row is one candle at its close, with a ticker (last and mark are the close; bid and ask
 * are recorded where there are quotes, else a price step around the close); funding appears when it settles. Bars of
 * coarser files that close before an instrument's first minute are its history. Files are read once, at the first call.
 *
 * Known formats: Hyperliquid CSV (`BTC-USDC-PERP_1m-ohlcv.csv.gz`, `…_1h-funding_rate.csv`), Lean folders
 * (`binance/minute/btcusd/20221213_trade.zip`), minutes with USD volume (`btc-perp-20211231-20220115_1m.csv.gz`).
 *
 * @example
 * const source = new ReplaySource({ directory: 'recordings/hyperliquid', markets: ['BTC-PERP'] });
 * for await (const step of source.steps()) for (const observation of step.observations) desk.take(observation);
 */
export class ReplaySource implements MarketSource {
  readonly name = 'replay';
  readonly #options: ReplaySourceOptions;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;

  /** @throws ValidationError `replay.range` when `toMs` is not after `fromMs`. */
  constructor(options: ReplaySourceOptions) {
    const { fromMs, toMs } = options;
    if (fromMs !== undefined && toMs !== undefined && !(toMs > fromMs)) {
      throw new ValidationError('replay.range', `A replay can not run from ${fromMs} to ${toMs}.`);
    }
    this.#options = options;
  }

  /**
   * The instruments recorded, in the order of their ids.
   * @throws ConfigError as `loadRecording` does, one sentence naming the directory or file.
   */
  async instruments(options: { readonly signal?: AbortSignal } = {}): Promise<readonly Instrument[]> {
    const { markets } = await this.#load(options.signal);
    return markets.map((market) => market.instrument);
  }

  /** @throws ConfigError as {@link instruments}. */
  async *history(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<readonly Candle[]> {
    const { markets } = await this.#load(options.signal);
    for (const { instrument, bars, minutes } of markets) {
      const firstMs = minutes.openAtMs[0] ?? 0;
      for (const series of historyBefore(instrument.id, bars, firstMs, this.#options.historyBars ?? 1500)) {
        options.signal?.throwIfAborted();
        yield candlesOf(series);
      }
    }
  }

  /** Funding settled before an instrument's first minute, oldest first, instrument by instrument. @throws ConfigError as {@link instruments}. */
  async *background(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<readonly MarketObservation[]> {
    const { markets } = await this.#load(options.signal);
    for (const market of markets) {
      const settled = [...new MarketCursor(market).background()];
      const limit = this.#options.backgroundFunding ?? 720;
      if (settled.length > 0 && limit > 0) yield settled.slice(-limit);
    }
  }

  /** @throws ConfigError as {@link instruments}. */
  async *steps(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<MarketStep> {
    const { markets, endMs } = await this.#load(options.signal);
    const cursors = markets.map((market) => new MarketCursor(market));
    for (;;) {
      options.signal?.throwIfAborted();
      let atMs = Number.POSITIVE_INFINITY;
      for (const cursor of cursors) atMs = Math.min(atMs, cursor.nextAtMs());
      if (atMs > endMs) return;
      const observations: MarketObservation[] = [];
      for (const cursor of cursors) if (cursor.nextAtMs() === atMs) cursor.observe(atMs, observations);
      if (observations.length > 0) yield { atMs, observations };
    }
  }

  /**
   * What was found in the files.
   * @throws ValidationError `replay.not-read` before `instruments()` has come back.
   */
  report(): ReplayReport {
    if (this.#loaded === undefined)
      throw new ValidationError('replay.not-read', 'The files are read by instruments(), which comes first.');
    return this.#loaded.report.build();
  }

  #load(signal: AbortSignal | undefined): Promise<Loaded> {
    this.#loading ??= this.#read(signal).catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #read(signal: AbortSignal | undefined): Promise<Loaded> {
    const { markets, report } = await loadRecording(this.#options, signal === undefined ? {} : { signal });
    const endMs = Math.max(...markets.map(({ minutes }) => closeOf(minutes, minutes.length - 1)));
    this.#loaded = { markets, report, endMs };
    return this.#loaded;
  }
}
