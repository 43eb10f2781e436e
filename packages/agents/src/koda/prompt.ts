import { canonicalJson, type Signal, toNumber } from '@perpdesk/core';
import type { EntryCandidate } from './candidates.ts';
import type { MarketConditions } from './features.ts';

/** Raise with every change of the prompt or the answer's schema. */
export const kodaPromptVersion = 1;

/** What the model is told when it speaks as Koda. */
export const kodaPrompt = `You are Koda, who advises how to enter a trade that is decided: direction, size, stop and targets are fixed.
Rules:
- choice: the index of the candidate that fits the market best: a sniper waits for one precise price and may miss the trade, a ladder spreads the entry, a market order is certain and pays the spread.
- notes: one or two plain sentences for the trader why. Cite no number that is not in the data, and promise nothing.
Answer with one JSON object of the given schema.`;

/** The question, and every number that an answer may cite. Nothing of the account is in it, neither size nor equity. */
export function kodaQuestion(
  signal: Signal,
  conditions: MarketConditions,
  candidates: readonly EntryCandidate[],
): { readonly prompt: string; readonly known: readonly number[] } {
  const plan = {
    direction: signal.direction,
    confidence: round(signal.confidence),
    entry: toNumber(signal.entry),
    stopLoss: toNumber(signal.stopLoss),
  };
  const market = Object.fromEntries(
    (['mid', 'spread', 'atr'] as const).flatMap((name) => {
      const value = conditions[name];
      return value === undefined ? [] : [[name, round(value)]];
    }),
  );
  const offered = candidates.map(({ style, legs, slippage }, index) => ({
    index,
    style,
    slippage: toNumber(slippage),
    legs: legs.map(({ type, price, fraction }) => ({
      type,
      ...(price === undefined ? {} : { price: toNumber(price) }),
      fraction: toNumber(fraction),
    })),
  }));
  const known = [
    plan.confidence,
    plan.entry,
    plan.stopLoss,
    ...Object.values(market),
    ...offered.flatMap(({ slippage, legs }) => [
      slippage,
      legs.length,
      ...legs.flatMap(({ price, fraction }) => (price === undefined ? [fraction] : [price, fraction])),
    ]),
  ];
  const prompt = `plan: ${canonicalJson(plan)}\nmarket: ${canonicalJson(market)}\ncandidates: ${canonicalJson(offered)}`;
  return { prompt, known };
}

const round = (value: number): number => Number(value.toPrecision(8));
