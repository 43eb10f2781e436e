import { Decimal, ModelError, type OpinionSource, type TakeProfit, toRate } from '@perpdesk/core';
import { groundProse } from '../model/grounding.ts';
import type { PlannedLevels } from './plan-levels.ts';
import type { SynthesisAnswer } from './schema.ts';

/** What is said about a plan beside its fixed numbers. */
export interface Synthesis {
  readonly takeProfits: TakeProfit[];
  readonly reasoning: string;
  readonly reasonedBy: OpinionSource;
}

/**
 * Takes over what a model answered: each number it cites must be one that it was given, each target one that was offered.
 * @throws ModelError `model.ungrounded`, `model.invalid-answer`
 */
export function adoptAnswer(answer: SynthesisAnswer, levels: PlannedLevels, known: readonly number[]): Synthesis {
  groundProse(answer.reasoning, known);
  const chosen = new Set(answer.keepTargets);
  const kept = [...chosen].sort((a, b) => a - b).flatMap((index) => levels.takeProfits[index] ?? []);
  if (kept.length !== chosen.size)
    throw new ModelError('model.invalid-answer', 'The model kept a target that was not offered.');
  return { takeProfits: spread(kept, levels.takeProfits), reasoning: answer.reasoning, reasonedBy: 'model' };
}

/** The kept targets with the dropped ones' fractions on the last, so that they still sum to 1. */
function spread(kept: readonly TakeProfit[], all: readonly TakeProfit[]): TakeProfit[] {
  if (kept.length === all.length) return [...kept];
  const before = kept.slice(0, -1);
  const last = kept[kept.length - 1];
  if (last === undefined) return [...all];
  const rest = before.reduce((left, target) => left.minus(target.fraction), new Decimal(1));
  return [...before, { price: last.price, fraction: toRate(rest) }];
}
