import {
  type DecisionInputs,
  type DecisionJournal,
  type DomainEvent,
  type EventBus,
  type Rate,
  type Recommendation,
  ValidationError,
} from '@perpdesk/core';
import { readRound } from '../journal/round-reading.ts';
import { subjectOf } from '../journal/subject-of.ts';
import type { ModelJournal } from '../model/journal/model-journal.ts';
import type { ModelRecord } from '../model/journal/model-record.ts';
import { readTrace } from './decision-trace.ts';
import { breakEvenNotional, type ExpectedEdge, expectedEdge } from './expected-edge.ts';
import { sentenceOf } from './sentence-of.ts';

/** A question to a model that a step rests on. */
export interface AskedQuestion extends Pick<ModelRecord, 'purpose' | 'model' | 'latencyMs' | 'usage' | 'costUsd'> {
  /** `answered`, or the code of the failure. */
  readonly outcome: string;
  /** True when no model was asked: the answer was kept from an earlier question. */
  readonly kept: boolean;
}

/** One step of a decision: what went in, what came out, with what it was made. */
export interface ExplainedStep {
  readonly id: string;
  readonly type: DomainEvent['type'];
  readonly atMs: number;
  /** In words. */
  readonly text: string;
  /** What it was made of, by which prompt and rules; absent where the journal does not hold it. */
  readonly inputs?: DecisionInputs;
  /** What was published. */
  readonly output: DomainEvent['payload'];
  readonly questions: readonly AskedQuestion[];
}

/** What a decision took of models. */
export interface DecisionCost {
  readonly questions: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars, as far as prices are known. */
  readonly usd: number;
  /** Questions whose price is not known. */
  readonly unpriced: number;
  /** All questions one after the other; some were asked side by side. */
  readonly modelMs: number;
}

/** A decision explained. */
export interface DecisionExplanation {
  readonly traceId: string;
  readonly steps: readonly ExplainedStep[];
  readonly cost: DecisionCost;
  /** Of each plan that came of it; without `fees` of an instrument nobody knows there is none. */
  readonly plans: readonly ExplainedPlan[];
  /** The steps, one under the other, then cost and edge. */
  readonly text: string;
}

/** What a plan is expected to earn, against what it cost to decide. */
export interface ExplainedPlan {
  readonly recommendationId: string;
  readonly edge: ExpectedEdge;
  /** The notional from which the edge pays for the decision, dollars; absent where no size does. */
  readonly breakEvenUsd?: number;
}

/** Options of {@link explainDecision}. */
export interface ExplainDecisionOptions {
  readonly traceId: string;
  readonly eventBus: Pick<EventBus, 'read'>;
  /** Without it steps have no inputs. */
  readonly journal?: Pick<DecisionJournal, 'find'>;
  /** Without it steps have no questions, and nothing is known of the cost. */
  readonly modelJournal?: Pick<ModelJournal, 'read'>;
  /** The taker fee of the plan's instrument. Default: as the round's record says. */
  readonly takerFeeRate?: Rate;
}

/**
 * Tells how a decision came about: every step in order with inputs, outputs, versions and questions to models, what it cost, and what the
 * plan is expected to earn against that (see {@link expectedEdge}). Scores of opinions, which come hours later, are no part of it.
 * @throws StoreError when a journal can not be read. @throws ValidationError `trace.unknown` for a trace without events.
 */
export async function explainDecision(options: ExplainDecisionOptions): Promise<DecisionExplanation> {
  const { traceId, eventBus } = options;
  const events = (await readTrace(eventBus, traceId)).map(({ event }) => event);
  if (events.length === 0) throw new ValidationError('trace.unknown', `The event journal has no trace "${traceId}".`);
  const decided = events.filter(({ type }) => type !== 'opinion.scored' && type !== 'opinion.unscored');
  const questions = await questionsOf(options);
  const steps = await Promise.all(decided.map((event) => explainStep(event, options, questions)));
  const cost = costOf(questions);
  const plans = await Promise.all(decided.flatMap((event) => planOf(event, options, cost)));
  const found = plans.filter((plan) => plan !== undefined);
  const text = [...steps.map((step) => step.text), costText(cost), ...found.map(edgeText)].join('\n');
  return { traceId, steps, cost, plans: found, text };
}

async function questionsOf({ modelJournal, traceId }: ExplainDecisionOptions): Promise<readonly ModelRecord[]> {
  const records: ModelRecord[] = [];
  for (let afterId = ''; modelJournal !== undefined; ) {
    const page = await modelJournal.read({ traceId, afterId, limit: pageSize });
    records.push(...page);
    const last = page[page.length - 1];
    if (last === undefined || page.length < pageSize) break;
    afterId = last.id;
  }
  return records;
}

const pageSize = 1_000;

async function explainStep(
  event: DomainEvent,
  { journal }: ExplainDecisionOptions,
  questions: readonly ModelRecord[],
): Promise<ExplainedStep> {
  const inputs = (await journal?.find(subjectOfEvent(event)))?.at(-1)?.inputs;
  const roundKey = roundKeyOf(event);
  // A first word on the reading of an opinion is the same question, answered once: it is the opinion's.
  const asked = questions.filter(({ key, context }) => key === inputs?.asked?.key && context.roundKey === roundKey);
  const { id, type, atMs, payload } = event;
  return {
    ...{ id, type, atMs, output: payload, questions: asked.map(askedQuestion), text: sentenceOf(event, inputs) },
    ...(inputs === undefined ? {} : { inputs }),
  };
}

const subjectOfEvent = ({ id, type }: DomainEvent): string =>
  type === 'agent.abstained' ? id.replace(/^abstained:/, 'opinion:') : id;

function roundKeyOf(event: DomainEvent): string | undefined {
  if (event.type === 'turn.completed' || event.type === 'recommendation.published') return event.payload.roundKey;
  return undefined;
}

const askedQuestion = ({ purpose, model, latencyMs, usage, costUsd, outcome }: ModelRecord): AskedQuestion => ({
  ...{ purpose, model, latencyMs },
  outcome: outcome.kind === 'answered' ? 'answered' : outcome.code,
  kept: outcome.kind === 'answered' && outcome.kept,
  ...(usage === undefined ? {} : { usage }),
  ...(costUsd === undefined ? {} : { costUsd }),
});

function costOf(questions: readonly ModelRecord[]): DecisionCost {
  const sum = (of: (record: ModelRecord) => number): number =>
    questions.reduce((total, record) => total + of(record), 0);
  return {
    questions: questions.length,
    inputTokens: sum(({ usage }) => usage?.inputTokens ?? 0),
    outputTokens: sum(({ usage }) => usage?.outputTokens ?? 0),
    // Whole millionths: sums of floats would drift.
    usd: sum(({ costUsd = 0 }) => Math.round(costUsd * 1e6)) / 1e6,
    unpriced: questions.filter(({ costUsd }) => costUsd === undefined).length,
    modelMs: sum(({ latencyMs }) => latencyMs),
  };
}

function planOf(event: DomainEvent, options: ExplainDecisionOptions, cost: DecisionCost) {
  return event.type === 'recommendation.published' ? [explainPlan(event.payload, options, cost)] : [];
}

async function explainPlan(
  plan: Recommendation,
  { journal, takerFeeRate }: ExplainDecisionOptions,
  { usd }: DecisionCost,
): Promise<ExplainedPlan | undefined> {
  const rate = takerFeeRate ?? (await recordedFee(plan.roundKey, journal));
  if (rate === undefined) return undefined;
  const edge = expectedEdge(plan, rate);
  const breakEvenUsd = breakEvenNotional(edge, usd);
  return { recommendationId: plan.id, edge, ...(breakEvenUsd === undefined ? {} : { breakEvenUsd }) };
}

async function recordedFee(
  roundKey: string,
  journal: Pick<DecisionJournal, 'find'> | undefined,
): Promise<Rate | undefined> {
  const inputs = (await journal?.find(subjectOf('round', roundKey)))?.at(-1)?.inputs;
  return inputs?.reading === undefined ? undefined : readRound(inputs).market.instrument.takerFeeRate;
}

const costText = ({ questions, inputTokens, outputTokens, usd, unpriced, modelMs }: DecisionCost): string =>
  questions === 0
    ? 'No model was asked.'
    : `${questions} questions to models took ${inputTokens} + ${outputTokens} tokens, $${usd}${
        unpriced === 0 ? '' : ` (${unpriced} without a known price)`
      } and ${Math.round(modelMs)} ms.`;

const edgeText = ({ edge, breakEvenUsd }: ExplainedPlan): string =>
  `Expected edge ${edge.edgeR.toFixed(3)} R (${edge.edgeBp.toFixed(1)} bp) at ${edge.rewardR.toFixed(2)} R of reward and ${edge.feesR.toFixed(3)} R of fees: ${
    breakEvenUsd === undefined
      ? 'no size pays for the decision.'
      : `it pays for the decision from a notional of $${breakEvenUsd.toFixed(2)}.`
  }`;
