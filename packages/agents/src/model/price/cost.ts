import { Decimal, type ModelUsage } from '@perpdesk/core';

/** What a model's server takes, in dollars for a million tokens. */
export interface ModelPrices {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  /** For input that the server had read before. Default: as other input. */
  readonly cachedInputUsdPerMillion?: number;
}

/**
 * What tokens cost, in whole millionths of a dollar, rounded up: sums of it are exact, and never less than what is billed.
 * @param cachedInputTokens How many of the input tokens are billed as cached.
 * @example
 * microUsdOf({ inputTokens: 1_000, outputTokens: 100 }, { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2 }); // 450
 */
export function microUsdOf(usage: ModelUsage, prices: ModelPrices, cachedInputTokens = 0): number {
  const { inputUsdPerMillion, outputUsdPerMillion, cachedInputUsdPerMillion = inputUsdPerMillion } = prices;
  const cached = Math.min(Math.max(0, cachedInputTokens), usage.inputTokens);
  return new Decimal(inputUsdPerMillion)
    .times(usage.inputTokens - cached)
    .plus(new Decimal(cachedInputUsdPerMillion).times(cached))
    .plus(new Decimal(outputUsdPerMillion).times(usage.outputTokens))
    .ceil()
    .toNumber();
}

/** Dollars as whole millionths, rounded up. */
export const microUsd = (usd: number): number => new Decimal(usd).times(1_000_000).ceil().toNumber();

/** Dollars as whole millionths, rounded down: for what may be spent. */
export const microUsdWithin = (usd: number): number => new Decimal(usd).times(1_000_000).floor().toNumber();

/** Whole millionths as dollars: the nearest float to an exact amount. */
export const usdOfMicro = (micro: number): number => new Decimal(micro).dividedBy(1_000_000).toNumber();
