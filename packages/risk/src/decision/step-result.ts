import type { InstrumentId, Rejection, RiskStep } from '@perpdesk/core';

/** What a step is given or gives, for the log. */
export type StepValues = RiskStep['before'];

/** What a refused user is offered instead. */
export interface CloseProposal {
  readonly close: InstrumentId;
  readonly venue: string;
}

/** What a step of door 1 made: a value to go on with, or a rejection. Its log either way. */
export type StepResult<Value> =
  | { readonly ok: true; readonly step: RiskStep; readonly value: Value }
  | { readonly ok: false; readonly step: RiskStep; readonly rejection: Rejection; readonly proposal?: CloseProposal };

/** Logs a step that passed. */
export const riskStep = (step: string, before: StepValues, after: StepValues, note: string): RiskStep => ({
  step,
  before,
  after,
  note,
});

/** A step that was written before and goes on with `value`. */
export const passedBy = <Value>(step: RiskStep, value: Value): StepResult<Value> => ({ ok: true, step, value });

/** A step that goes on with `value`. */
export const passed = <Value>(
  step: string,
  before: StepValues,
  after: StepValues,
  note: string,
  value: Value,
): StepResult<Value> => ({
  ok: true,
  step: riskStep(step, before, after, note),
  value,
});

/** A step that ends the evaluation. */
export const refused = (
  step: string,
  before: StepValues,
  rejection: Rejection,
  proposal?: CloseProposal,
): StepResult<never> => ({
  ok: false,
  step: riskStep(step, before, { rejected: rejection.code }, rejection.message),
  rejection,
  ...(proposal === undefined ? {} : { proposal }),
});
