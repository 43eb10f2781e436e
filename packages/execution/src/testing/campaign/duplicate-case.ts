import type { Random } from '@perpdesk/core';
import type { ClientIdMode } from '../../simulator/engine/exchange-engine.ts';
import type { FaultKind } from '../../simulator/faults/fault-rule.ts';

/** How the exchange treats a client order id it has seen. */
export const idModes: readonly ClientIdMode[] = [
  'unique-forever',
  'unique-among-open',
  'not-enforced',
  'same-after-modify',
];

/** What becomes of the answer to an act. */
export const answerFaults = [
  'drop-before-accept',
  'drop-after-accept',
  'server-error-after-accept',
  'late',
  'garbage-body',
  'reset-mid-body',
  'rate-limited',
  'duplicate-answer',
] as const satisfies readonly FaultKind[];
export type AnswerFault = (typeof answerFaults)[number];

/** What is done with orders, each with the wire's names of the actions that carry it. */
export const verbs = {
  market: ['order'],
  limit: ['order'],
  'post-only': ['order'],
  trigger: ['order'],
  batch: ['order'],
  amend: ['batchModify'],
  cancel: ['cancelByCloid', 'cancel'],
  'cancel-all': ['cancel'],
  close: ['order'],
  leverage: ['updateLeverage', 'order'],
} as const;
export type Verb = keyof typeof verbs;
export const verbNames = Object.keys(verbs) as readonly Verb[];

/** What is switched off to see that the checker notices: ids are new for each try; what is not known is told as rejected. */
export type Sabotage = 'random-ids' | 'unknown-is-rejected';

/** One run: where it is in the table, and the chance it is drawn from. */
export interface DuplicateCase {
  readonly seed: string;
  readonly mode: ClientIdMode;
  readonly fault: AnswerFault;
  readonly verb: Verb;
  readonly sabotage?: Sabotage;
}

const cells = idModes.flatMap((mode) =>
  answerFaults.flatMap((fault) => verbNames.map((verb) => ({ mode, fault, verb }))),
);
export const cellCount = cells.length;

/** The run of a number: the cells of the table one after the other, again and again with another chance. */
export function duplicateCase(seed: string | number, index: number, sabotage?: Sabotage): DuplicateCase {
  // Steps through the table so that a small sample has all modes, faults and verbs in it.
  const cell = cells[(index * 37) % cells.length];
  if (cell === undefined) throw new RangeError(`There is no run ${index}.`);
  return { ...cell, seed: `${seed}-${index}`, ...(sabotage === undefined ? {} : { sabotage }) };
}

/** An integer from `from` to `to`, both included. */
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random.next() * (to - from + 1));
export const chance = (random: Random, probability: number): boolean => random.next() < probability;
