import {
  type AgentCallOptions,
  type AgentReport,
  type CalibrationView,
  type DecisionInputs,
  type DomainEventMap,
  ModelError,
  type Opinion,
  type Recommendation,
  type SensingAgent,
  SimulatedClock,
  silentLogger,
  type Turn,
  type TurnRequest,
} from '@perpdesk/core';
import { type RoundReading, readRound } from '../journal/round-reading.ts';
import { subjectOf } from '../journal/subject-of.ts';
import { Riven } from '../riven/agent.ts';
import { concludedPayload } from '../war-room/concluded-payload.ts';
import { endDebate } from '../war-room/end-debate.ts';
import { createHandoffGraph } from '../war-room/handoff-graph.ts';
import { createParallelGraph } from '../war-room/parallel-graph.ts';
import { RoundTable } from '../war-room/round-table.ts';
import { RunningRound } from '../war-room/running-round.ts';
import { differencesBetween } from './difference.ts';
import { recordedAnswer } from './recorded-answer.ts';
import { type ReplayedStep, replayStep, StepFindings } from './replay-findings.ts';
import { replayedAgent } from './replay-opinion.ts';
import { inputsOf, type ReplaySources } from './replay-sources.ts';

/** What was published of a round. */
export interface PublishedRound {
  readonly concluded: DomainEventMap['round.concluded'];
  readonly turns: readonly Turn[];
  readonly recommendation?: Recommendation;
}

/** What comes of it now. */
export interface ReplayedRound extends PublishedRound {
  /** What was found of its turns and its plan. */
  readonly steps: readonly StepFindings[];
}

/** A round from what it was made of: the debate is held again, each word from its own record, then the consensus and the plan. */
export async function replayRound(
  sources: ReplaySources,
  published: PublishedRound,
  opinionNow: (opinion: Opinion) => Promise<Opinion>,
): Promise<ReplayedStep<ReplayedRound>> {
  const { key } = published.concluded.round;
  const [rounds, plans] = await Promise.all([
    inputsOf(sources, subjectOf('round', key)),
    inputsOf(sources, subjectOf('plan', key)),
  ]);
  const tries = rounds.flatMap((round) => (plans.length === 0 ? [{ round }] : plans.map((plan) => ({ round, plan }))));
  const planOf = new Map<DecisionInputs, DecisionInputs | undefined>();
  const roundOf = tries.map(({ round, plan }: { round: DecisionInputs; plan?: DecisionInputs }) => {
    const inputs = { ...round };
    planOf.set(inputs, plan);
    return inputs;
  });
  return replayStep(
    subjectOf('round', key),
    roundOf,
    (result) => result !== undefined && isSame(published, result),
    async (inputs, findings) =>
      inputs.reading === undefined
        ? absentRound(published, inputs.absent)
        : hold(sources, published, { reading: readRound(inputs), plan: planOf.get(inputs) }, opinionNow, findings),
  );
}

const isSame = (was: PublishedRound, { concluded, turns, recommendation }: ReplayedRound): boolean =>
  differencesBetween(
    { concluded: was.concluded, turns: was.turns, recommendation: was.recommendation },
    { concluded, turns, recommendation },
  ).length === 0;

/** One that ended before anybody spoke. */
function absentRound({ concluded }: PublishedRound, absent = 'deadline'): ReplayedRound {
  const { round, cost } = concluded;
  const reason = absent as NonNullable<DomainEventMap['round.concluded']['reason']>;
  const outcome = { outcome: 'stood-aside', reason, turns: [], degraded: [] } as const;
  return { concluded: concludedPayload(round, outcome, cost), turns: [], steps: [] };
}

async function hold(
  sources: ReplaySources,
  published: PublishedRound,
  { reading, plan }: { readonly reading: RoundReading; readonly plan: DecisionInputs | undefined },
  opinionNow: (opinion: Opinion) => Promise<Opinion>,
  findings: StepFindings,
): Promise<ReplayedRound> {
  const { round, seats, rules, limits, market, failures } = reading;
  const steps: StepFindings[] = [];
  const records = new Map(seats.map(({ agent, record }) => [agent, record]));
  const calibration: CalibrationView = { record: (agent) => records.get(agent) };
  const opinions = await Promise.all(reading.opinions.map(opinionNow));
  const table: RoundTable = new RoundTable({
    agents: seats.map(({ agent, weight }) =>
      seat(agent, weight, (request, options) => debate(agent, request, options)),
    ),
    opinions: new Map(opinions.map((opinion) => [opinion.agent, opinion])),
    ...{ closeAtMs: round.closeAtMs, rules, calibration },
  });
  const debate = async (agent: string, request: TurnRequest, options: AgentCallOptions = {}): Promise<Turn> => {
    // In a parallel debate nobody hears anybody: the place is the one at the table.
    const isParallel = round.mode === 'graph' && request.advocateAgainst === undefined;
    const index = isParallel
      ? table.debaters.findIndex((debater) => debater.agent.name === agent)
      : request.transcript.length;
    const failure = failures.find((failed) => failed.index === index);
    if (failure !== undefined) throw new ModelError(failure.code, failure.message);
    const was = published.turns.find((turn) => turn.index === index);
    const step = await replayTurn(sources, subjectOf('turn', round.key, index), agent, request, was);
    steps.push(step.findings);
    for (const report of step.result?.reports ?? []) options.onReport?.(report);
    const word = step.result?.turn ?? was;
    if (word === undefined) throw new ModelError('turn.missing', 'What the turn was made of is not recorded.');
    const { role: _, ...said } = word;
    return said;
  };
  // Time stands still: what was late then is recorded as a failure.
  const wallClock = new SimulatedClock();
  const planned = new StepFindings(subjectOf('plan', round.key));
  const running = new RunningRound({
    ...{ round, wallClock, limits, logger: silentLogger },
    endsAtMs: wallClock.nowMs() + limits.roundDeadlineMs,
    options: {
      onInputs: ({ kind, inputs }) => {
        if (kind !== 'plan') return;
        if (plan === undefined) planned.miss('The journal does not hold what it was made of.');
        else planned.compare(plan, inputs);
      },
    },
  });
  const graph = await (round.mode === 'handoff' ? createHandoffGraph() : createParallelGraph());
  const spoken = await (await graph.begin(round.key)).hold(running.request(table));
  const riven = replayedRiven(sources, plan, wallClock, planned);
  const ended = await endDebate({ ...{ running, table, spoken, riven }, market });
  steps.push(planned);
  const outcome =
    ended.outcome === 'stood-aside' && reading.young === true
      ? { ...ended, reason: 'insufficient-history' as const }
      : ended;
  for (const step of steps) findings.missing.push(...step.missing);
  const { concluded } = published;
  const degraded = withCheckpoints(outcome.degraded, concluded.degraded ?? []);
  return {
    concluded: concludedPayload(round, { ...outcome, degraded }, concluded.cost),
    turns: outcome.turns,
    ...(outcome.outcome === 'published' ? { recommendation: outcome.recommendation } : {}),
    steps,
  };
}

const seat = (name: string, weight: number, debate: SensingAgent['debate']): SensingAgent => ({
  ...{ name, weight, debate, triggers: [], refreshMs: 1 },
  opine: () => Promise.resolve(undefined),
});

/** A word, and what the agent told of how it came about. */
interface SpokenWord {
  readonly turn: Turn;
  readonly reports: readonly AgentReport[];
}

async function replayTurn(
  sources: ReplaySources,
  subject: string,
  agent: string,
  request: TurnRequest,
  was: Turn | undefined,
): Promise<ReplayedStep<SpokenWord>> {
  return replayStep(
    subject,
    await inputsOf(sources, subject),
    // The room adds place, hand-off and role to a word, and makes a case of an advocate's.
    (word) =>
      word !== undefined &&
      was?.direction === word.turn.direction &&
      was.confidence === word.turn.confidence &&
      was.reasoning === word.turn.reasoning,
    async (inputs, findings) => {
      const reports: AgentReport[] = [];
      const turn = await replayedAgent(sources, agent, inputs, findings)?.debate(request, {
        onInputs: (now) => findings.compare(inputs, now),
        onReport: (report) => void reports.push(report),
      });
      return turn === undefined ? undefined : { turn, reports };
    },
  );
}

const planReading = (plan: DecisionInputs | undefined): { readonly expiresAfterMs?: number } => {
  const { expiresAfterMs } = Object(plan?.reading);
  return typeof expiresAfterMs === 'number' ? { expiresAfterMs } : {};
};

function replayedRiven(
  sources: ReplaySources,
  plan: DecisionInputs | undefined,
  wallClock: SimulatedClock,
  findings: StepFindings,
): Riven {
  const model =
    plan === undefined ? undefined : recordedAnswer(plan, sources.modelJournal, (reason) => findings.miss(reason));
  return new Riven({ ...planReading(plan), wallClock, ...(model === undefined ? {} : { model }) });
}

/** Checkpoints that failed then are no matter of a replay: they stand where they stood. */
function withCheckpoints(
  now: readonly { readonly agent: string; readonly code: string }[],
  was: readonly { readonly agent: string; readonly code: string }[],
) {
  const all = [...now];
  for (const [index, cause] of was.entries()) if (cause.agent === 'checkpoints') all.splice(index, 0, cause);
  return all;
}
