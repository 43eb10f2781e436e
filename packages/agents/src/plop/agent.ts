import {
  type Clock,
  foreignText,
  type LanguageModel,
  type Logger,
  type ModelCallContext,
  PerpDeskError,
  type PredictionAssessment,
  type PredictionContract,
  type PredictionHeadline,
  type PredictionHistory,
  type PredictionNews,
  type PredictionSource,
  silentLogger,
} from '@perpdesk/core';
import { ComparableContracts, comparableRate } from './comparable.ts';
import { type PlopReading, readPlop } from './features.ts';
import { findContract } from './find-contract.ts';
import { PlopModel } from './model-view.ts';
import { type Pool, priorPool } from './pool/pool.ts';
import { type PlopRefusal, refusalOf } from './refusal.ts';
import { judgePlop, type ModelView } from './rules.ts';
import { plopDefaults } from './settings.ts';

/** Where the pool of a venue comes from. */
export interface PoolView {
  poolOf(venue: PredictionContract['venue']): Pool;
}

/** Options of {@link Plop}. */
export interface PlopOptions {
  /** One per venue. They are closed by whoever made them. */
  readonly sources: readonly PredictionSource[];
  readonly clock: Clock;
  /** Quotes and outcomes from before. Without it there is neither drift nor base rate. */
  readonly history?: PredictionHistory;
  /** What outcomes have taught: {@link PlopCalibration}. Default: the pool before any outcome. */
  readonly calibration?: PoolView;
  /** Gives a view of its own, which is pooled with the rest. Default: rules alone. */
  readonly model?: LanguageModel;
  /** The most a question to the model may take, ms. Default 20,000. */
  readonly modelTimeoutMs?: number;
  /** What a model's time is measured with: the machine's clock, where `clock` is a simulated one. Default: `clock`. */
  readonly modelClock?: Clock;
  /** Headlines for the model. Rules never read them. */
  readonly news?: PredictionNews;
  readonly logger?: Logger;
}

/** How one contract is assessed. */
export interface AssessOptions {
  readonly signal?: AbortSignal;
  /** False: the rules alone, whatever model there is. Default true. */
  readonly askModel?: boolean;
  /** What questions to the model are filed under. */
  readonly context?: ModelCallContext;
}

/** What came of looking at a contract. */
export type PlopAnswer =
  | {
      readonly outcome: 'assessed';
      readonly assessment: PredictionAssessment;
      readonly reading: PlopReading;
      /** Why the model could not be used. */
      readonly fellBack?: { readonly code: string; readonly message: string };
    }
  | { readonly outcome: 'refused'; readonly refusal: PlopRefusal };

/**
 * Reads contracts of prediction markets: how likely YES is, against what the market pays for it. It never enters the chain of perpetual
 * futures: it makes no opinion, no recommendation and no order.
 *
 * @example
 * ```ts
 * const plop = new Plop({ sources: [new KalshiSource({ clock })], clock });
 * const answer = await plop.answer('What about https://kalshi.com/markets/kxfed/fed/KXFED-26DEC-T3.75 ?');
 * // { outcome: 'assessed', assessment: { probability: 0.41, mid: 0.43, edge: -0.02, noEdge: true, side: 'none', … }, … }
 * ```
 */
export class Plop {
  readonly name = 'plop';
  readonly #options: PlopOptions;
  readonly #logger: Logger;
  readonly #comparable: ComparableContracts | undefined;
  readonly #model: PlopModel | undefined;

  constructor(options: PlopOptions) {
    const {
      history,
      clock,
      model,
      modelClock = clock,
      modelTimeoutMs: timeoutMs = plopDefaults.modelTimeoutMs,
    } = options;
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ agent: this.name });
    this.#comparable = history && new ComparableContracts({ history, clock });
    this.#model = model && new PlopModel({ model, clock: modelClock, timeoutMs });
  }

  /** Whether there is a model to ask. */
  get hasModel(): boolean {
    return this.#model !== undefined;
  }

  /** Assesses the contract that a text names by link, slug, ticker or id. Rejects only when aborted. */
  async answer(text: string, options: AssessOptions = {}): Promise<PlopAnswer> {
    try {
      return await this.assess(await findContract(text, this.#options.sources, options), options);
    } catch (error) {
      options.signal?.throwIfAborted();
      return { outcome: 'refused', refusal: refusalOf(error) };
    }
  }

  /** Assesses a contract by its book as it is now. Rejects only when aborted. */
  async assess(contract: PredictionContract, options: AssessOptions = {}): Promise<PlopAnswer> {
    const { clock, calibration, sources } = this.#options;
    const refused = unfit(contract, clock.nowMs());
    if (refused !== undefined) return { outcome: 'refused', refusal: refused };
    const source = sources.find(({ venue }) => venue === contract.venue);
    if (source === undefined) {
      const message = `That is a contract of ${contract.venue}, which this desk has no source of.`;
      return { outcome: 'refused', refusal: { code: 'prediction.venue', message } };
    }
    let reading: PlopReading | undefined;
    try {
      reading = await this.#read(contract, source, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      return { outcome: 'refused', refusal: refusalOf(error) };
    }
    if (reading === undefined) {
      const message = `${foreignText(contract.slug, 200)} has no orders on one side: there is no price to hold a probability against.`;
      return { outcome: 'refused', refusal: { code: 'prediction.no-quote', message } };
    }
    const pool = calibration?.poolOf(contract.venue) ?? priorPool;
    const asked = options.askModel === false ? undefined : await this.#ask(reading, options);
    options.signal?.throwIfAborted();
    const view = asked !== undefined && 'probability' in asked ? asked : undefined;
    const assessment = judgePlop(reading, pool, clock.nowMs(), view);
    return {
      outcome: 'assessed',
      assessment,
      reading,
      ...(asked !== undefined && 'code' in asked ? { fellBack: asked } : {}),
    };
  }

  async #read(
    contract: PredictionContract,
    source: PredictionSource,
    signal: AbortSignal | undefined,
  ): Promise<PlopReading | undefined> {
    const { clock, history } = this.#options;
    const options = signal === undefined ? {} : { signal };
    const book = await source.fetchBook(contract, options);
    const atMs = clock.nowMs();
    const fromMs = Math.max(0, atMs - plopDefaults.quotesMs);
    const [quotes, past] = await Promise.all([
      this.#orElse(history?.quotes({ contractId: contract.id, fromMs }, options), [], signal),
      this.#orElse(this.#comparable?.read(contract), { series: [], category: [] }, signal),
    ]);
    return readPlop({ contract, book, atMs, quotes, comparable: (mid) => comparableRate(contract, mid, atMs, past) });
  }

  /** What is known from before helps and is not needed: without it the market speaks alone. */
  async #orElse<Value>(
    reading: Promise<Value> | undefined,
    fallback: Value,
    signal: AbortSignal | undefined,
  ): Promise<Value> {
    try {
      return (await reading) ?? fallback;
    } catch (error) {
      signal?.throwIfAborted();
      this.#logger.warn({ error }, 'what is known of a prediction market from before could not be read');
      return fallback;
    }
  }

  async #ask(
    reading: PlopReading,
    { signal, context }: AssessOptions,
  ): Promise<ModelView | { readonly code: string; readonly message: string } | undefined> {
    if (this.#model === undefined) return undefined;
    const options = signal === undefined ? {} : { signal };
    const headlines = await this.#orElse<readonly PredictionHeadline[]>(
      this.#options.news?.headlines(reading.contract, options),
      [],
      signal,
    );
    try {
      return await this.#model.view(reading, headlines, { ...options, ...(context === undefined ? {} : { context }) });
    } catch (error) {
      const { code, message } = PerpDeskError.is(error)
        ? error
        : { code: 'model.unavailable', message: 'The model failed.' };
      this.#logger.warn({ contractId: reading.contract.id, code, message }, 'a model could not be used');
      return { code, message };
    }
  }
}

function unfit(contract: PredictionContract, nowMs: number): PlopRefusal | undefined {
  const { resolution, open, closesAtMs } = contract;
  const slug = foreignText(contract.slug, 200);
  if (resolution === 'void') return { code: 'prediction.void', message: `${slug} was called off.` };
  if (resolution !== undefined)
    return { code: 'prediction.resolved', message: `${slug} is decided: it came out ${resolution.toUpperCase()}.` };
  if (open === false || closesAtMs <= nowMs)
    return { code: 'prediction.closed', message: `${slug} takes no orders any more.` };
  return undefined;
}
