import { join } from 'node:path';
import type { DomainEvent, DomainEventType } from '@perpdesk/core';
import { changeAnswer, changeFunding } from './change-day.ts';
import { type DayJournal, openDayJournal } from './day-journal.ts';
import { startDrawnServer } from './drawn-server.ts';
import { type DayPlan, type PlayedDay, playDay } from './play-day.ts';

/** How a day with models is played. */
export interface ModelDayPlan extends DayPlan {
  /** The first instant that is played, ms UTC. */
  readonly fromMs: number;
  /** The base of a market of it, such as BTC. */
  readonly symbol: string;
  /** Of the answers. */
  readonly seed: string;
  /** After so many requests the server is down. Default: never. */
  readonly outageAfter?: number;
  /** How long an agent waits for an answer, ms. Default 2,000. */
  readonly timeoutMs?: number;
  /** How often it is played again as it was. Default 2. */
  readonly times?: number;
}

/** A day with models, and what came of playing it again. */
export interface ModelDay {
  /** What the server did, a request each. */
  readonly plays: Readonly<Record<string, number>>;
  /** What came of the questions: `answered`, or the code of the failure. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Whose opinions were published, and why rules had to stand in. */
  readonly opinions: Readonly<Record<string, number>>;
  readonly fallbacks: Readonly<Record<string, number>>;
  readonly recorded: PlayedDay;
  readonly replays: readonly ReplayedDay[];
  /** With an answer of the journal, and with a feature, changed. */
  readonly changed: { readonly answer: ReplayedDay; readonly feature: ReplayedDay };
  readonly alone: DecisionsAlone;
}

/** A run that was answered from the journal, beside the recorded one. */
export interface ReplayedDay extends PlayedDay {
  readonly sameDigest: boolean;
  readonly sameDecisions: boolean;
  readonly sameFills: boolean;
  /** Questions that the journal did not have. */
  readonly notRecorded: number;
}

/** What came of making each decision again by itself. */
export interface DecisionsAlone {
  readonly traces: number;
  readonly same: number;
  /** Events that were reckoned again. */
  readonly replayed: number;
  /** Those that were not the same, with the first cause. */
  readonly others: readonly string[];
}

/**
 * Plays a recorded day by a desk whose agents ask a server, and again from what the desk wrote down, the server being gone: as it was,
 * with one answer changed, and with one feature changed. Each run is a process of its own.
 */
export async function runModelDay(plan: ModelDayPlan): Promise<ModelDay> {
  const { recording, folder, fromMs, symbol, timeoutMs = 2_000, times = 2, seed, outageAfter } = plan;
  const server = await startDrawnServer({ seed, ...(outageAfter === undefined ? {} : { outageAfter }) });
  let recorded: PlayedDay;
  try {
    recorded = await playDay(plan, 'recorded', { server: server.url, timeoutMs });
  } finally {
    await server.close();
  }
  await using journal = await openDayJournal(recorded.directory);
  const again = async (name: string, of: PlayedDay, day: DayPlan = plan): Promise<ReplayedDay> =>
    compared(journal, recorded, await playDay(day, name, { replay: of }));
  const replays: ReplayedDay[] = [];
  for (let time = 1; time <= times; time += 1) replays.push(await again(`again-${time}`, recorded));
  const answersChanged = join(folder, 'answers-changed');
  changeAnswer(recorded.directory, answersChanged);
  const answer = await again('with-an-answer-changed', { ...recorded, directory: answersChanged });
  const featureChanged = join(folder, 'feature-changed');
  changeFunding(recording, featureChanged, { symbol, beforeMs: fromMs });
  const feature = await again('with-a-feature-changed', recorded, { ...plan, recording: featureChanged });
  return {
    ...{ plays: server.plays, recorded, replays, changed: { answer, feature } },
    outcomes: countsOf(journal.questions, ({ outcome }) => (outcome.kind === 'answered' ? outcome.kind : outcome.code)),
    opinions: countsOf(of(journal, 'opinion.published'), ({ payload }) => payload.source),
    fallbacks: countsOf(of(journal, 'agent.failed'), ({ payload }) => payload.code),
    alone: await decideAlone(journal),
  };
}

async function compared(journal: DayJournal, recorded: PlayedDay, played: PlayedDay): Promise<ReplayedDay> {
  await using other = await openDayJournal(played.directory);
  const isSame = (type: DomainEventType): boolean =>
    JSON.stringify(of(journal, type).map(told)) === JSON.stringify(of(other, type).map(told));
  return {
    ...played,
    sameDigest: played.report.digest === recorded.report.digest,
    sameDecisions: isSame('risk.decided'),
    sameFills: isSame('order.filled'),
    notRecorded: other.questions.filter(
      ({ outcome }) => outcome.kind === 'failed' && outcome.code === 'model.not-recorded',
    ).length,
  };
}

const told = ({ key, atMs, payload }: DomainEvent) => ({ key, atMs, payload });

const of = <Type extends DomainEventType>({ events }: DayJournal, type: Type): readonly DomainEvent<Type>[] =>
  events.filter((event): event is DomainEvent<Type> => event.type === type);

async function decideAlone(journal: DayJournal): Promise<DecisionsAlone> {
  const traces = new Set(of(journal, 'round.concluded').map(({ traceId }) => traceId));
  for (const { traceId } of of(journal, 'guidance.published')) traces.add(traceId);
  const others: string[] = [];
  let replayed = 0;
  for (const traceId of traces) {
    const result = await journal.replay(traceId);
    replayed += result.replayed;
    if (!result.same) others.push(`${traceId}: ${JSON.stringify(result.differences[0] ?? result.missing[0])}`);
  }
  return { traces: traces.size, same: traces.size - others.length, replayed, others };
}

function countsOf<Item>(items: readonly Item[], nameOf: (item: Item) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
