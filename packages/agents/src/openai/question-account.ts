import { Decimal, type ModelUsage } from '@perpdesk/core';
import { type ModelPrices, microUsd, microUsdOf, usdOfMicro } from '../model/price/cost.ts';
import { estimateTokens } from '../model/price/token-estimate.ts';
import type { Completion } from './completion.ts';

/** What one question took, over its requests. */
export class QuestionAccount {
  readonly #prices: ModelPrices | undefined;
  #inputTokens = 0;
  #outputTokens = 0;
  #estimated = false;
  #micro = 0;
  #priced = true;

  constructor(prices: ModelPrices | undefined) {
    this.#prices = prices;
  }

  /** Adds a request that was answered. What the server did not count is estimated from the texts. */
  add(asked: string, { text, usage: counted }: Completion): void {
    const isCounted = counted !== undefined && counted.prompt_tokens > 0;
    const usage: ModelUsage = isCounted
      ? { inputTokens: Math.ceil(counted.prompt_tokens), outputTokens: Math.ceil(counted.completion_tokens) }
      : { inputTokens: estimateTokens(asked), outputTokens: estimateTokens(text) };
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#estimated ||= !isCounted;
    const stated = counted?.cost == null ? undefined : microUsd(counted.cost);
    const cachedTokens = counted?.prompt_tokens_details?.cached_tokens;
    const computed = this.#prices === undefined ? undefined : microUsdOf(usage, this.#prices, cachedTokens);
    if (stated === undefined && computed === undefined) this.#priced = false;
    // A server that says less than its own prices is not taken at its word.
    this.#micro = new Decimal(this.#micro).plus(Math.max(stated ?? 0, computed ?? 0)).toNumber();
  }

  get usage(): ModelUsage {
    const usage = { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens };
    return this.#estimated ? { ...usage, estimated: true } : usage;
  }

  /** Dollars, where the prices are known. */
  get costUsd(): number | undefined {
    return this.#priced ? usdOfMicro(this.#micro) : undefined;
  }
}
