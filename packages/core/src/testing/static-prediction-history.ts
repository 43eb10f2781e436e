import type { Clock } from '../clock/clock.ts';
import type { PredictionContract, PredictionQuote } from '../domain/prediction-market.ts';
import { ValidationError } from '../errors/validation-error.ts';
import { midsBeforeClosing } from '../markets/mids-before-closing.ts';
import type { PastPrediction, PastPredictionQuery, PredictionHistory } from '../ports/prediction-history.ts';

/** Options of {@link StaticPredictionHistory}. */
export interface StaticPredictionHistoryOptions {
  readonly clock: Clock;
  readonly quotes?: readonly PredictionQuote[];
}

/** A history in memory: for tests and examples. What is recorded is known from then on. */
export class StaticPredictionHistory implements PredictionHistory {
  readonly #clock: Clock;
  readonly #quotes: readonly PredictionQuote[];
  readonly #past = new Map<string, PastPrediction>();

  constructor(options: StaticPredictionHistoryOptions) {
    this.#clock = options.clock;
    this.#quotes = [...(options.quotes ?? [])].sort((a, b) => a.exchangeAtMs - b.exchangeAtMs);
  }

  async quotes(
    { contractId, fromMs }: { readonly contractId: string; readonly fromMs: number },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PredictionQuote[]> {
    options.signal?.throwIfAborted();
    const nowMs = this.#clock.nowMs();
    return this.#quotes.filter(
      (quote) => quote.contractId === contractId && quote.exchangeAtMs >= fromMs && quote.receivedAtMs <= nowMs,
    );
  }

  async resolved(
    { venue, series, category, limit = 500 }: PastPredictionQuery,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PastPrediction[]> {
    options.signal?.throwIfAborted();
    if (!Number.isInteger(limit) || limit < 1 || limit > 5000)
      throw new ValidationError('prediction.limit', `1 to 5000 contracts can be asked for, not ${limit}.`);
    const nowMs = this.#clock.nowMs();
    return [...this.#past.values()]
      .filter(
        ({ contract, knownAtMs }) =>
          knownAtMs <= nowMs &&
          contract.venue === venue &&
          (series === undefined || contract.series === series) &&
          (category === undefined || contract.category === category),
      )
      .sort((a, b) => b.knownAtMs - a.knownAtMs || (a.contract.id < b.contract.id ? -1 : 1))
      .slice(0, limit);
  }

  async record(contract: PredictionContract, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const { resolution } = contract;
    if (resolution === undefined)
      throw new ValidationError('prediction.unresolved', `${contract.id} is not resolved yet; record it once it is.`);
    if (this.#past.has(contract.id)) return;
    const quotes = await this.quotes({ contractId: contract.id, fromMs: 0 });
    this.#past.set(contract.id, {
      contract: { ...contract, resolution },
      knownAtMs: this.#clock.nowMs(),
      mids: midsBeforeClosing(contract, quotes),
    });
  }
}
