import { explainDecision, type ModelJournal, type ModelRecord, replayDecision } from '@perpdesk/agents';
import type { DecisionJournal, EventBus, SensingAgent, StoredEvent } from '@perpdesk/core';
import type { DecisionReview } from '@perpdesk/core/api';
import type { createIntelligence } from './create-intelligence.ts';
import { ModelStack } from './model-stack.ts';

/** What a decision is made again from. */
export interface ReviewSources {
  readonly eventBus: Pick<EventBus, 'read'>;
  /** The panel as it is set up now. */
  readonly agents: readonly SensingAgent[];
  /** Without one nothing can be replayed, and the answer says so. */
  readonly journal?: Pick<DecisionJournal, 'find'>;
  readonly modelJournal?: Pick<ModelJournal, 'find' | 'read'>;
}

/**
 * Makes one decision again from the journals and tells how it came about, as far as it is everybody's or this user's: of a trace that led to
 * signals of several users each sees its own. Nothing is asked and nothing is changed.
 * @throws ValidationError `trace.unknown` for a trace without such events; StoreError
 */
export async function reviewDecision(
  { eventBus, agents, journal, modelJournal }: ReviewSources,
  userId: string,
  traceId: string,
): Promise<DecisionReview> {
  const bus = ownEvents(eventBus, userId);
  const asked = modelJournal && ownQuestions(modelJournal, userId);
  const models = asked === undefined ? {} : { modelJournal: asked };
  const kept = journal ?? { find: async () => [] };
  const { text, steps, cost, plans } = await explainDecision({ traceId, eventBus: bus, journal: kept, ...models });
  const replay = await replayDecision({ traceId, eventBus: bus, journal: kept, agents, ...models });
  return {
    traceId,
    same: replay.same,
    replayed: replay.replayed,
    differences: replay.differences.map(({ step, path, was, now }) => ({
      ...{ step, path },
      ...(was === undefined ? {} : { was }),
      ...(now === undefined ? {} : { now }),
    })),
    missing: [...replay.missing],
    versions: [...replay.versions],
    digest: replay.digest,
    recordedDigest: replay.recordedDigest,
    text,
    steps: steps.map(({ id, type, atMs, text: words, questions }) => ({
      ...{ id, type, atMs, text: words },
      questions: [...questions],
    })),
    cost,
    plans: [...plans],
  };
}

const usualLimit = 100;

/** What of an event bus is nobody's or this user's; pages are filled up, so that a short one still is the last. */
const ownEvents = (eventBus: Pick<EventBus, 'read'>, userId: string): Pick<EventBus, 'read'> => ({
  read: async (query = {}) => {
    const { limit = usualLimit } = query;
    const own: StoredEvent[] = [];
    for (let { afterPosition = 0 } = query; ; ) {
      const page = await eventBus.read({ ...query, afterPosition });
      own.push(...page.filter(({ event }) => event.userId === undefined || event.userId === userId));
      const last = page.at(-1);
      if (last === undefined || page.length < limit || own.length >= limit) return own;
      afterPosition = last.position;
    }
  },
});

/** The same of a journal of models. */
const ownQuestions = (
  journal: Pick<ModelJournal, 'find' | 'read'>,
  userId: string,
): Pick<ModelJournal, 'find' | 'read'> => {
  const isOwn = ({ context }: ModelRecord): boolean => context.userId === undefined || context.userId === userId;
  return {
    find: async (...query) => (await journal.find(...query)).filter(isOwn),
    read: async (query = {}) => {
      const { limit = usualLimit } = query;
      const own: ModelRecord[] = [];
      for (let { afterId = '' } = query; ; ) {
        const page = await journal.read({ ...query, afterId });
        own.push(...page.filter(isOwn));
        const last = page.at(-1);
        if (last === undefined || page.length < limit || own.length >= limit) return own;
        afterId = last.id;
      }
    },
  };
};

/** A desk's reviews, once what was decided last is written. */
export const reviews =
  (
    { agents, decisions, models }: Pick<ReturnType<typeof createIntelligence>, 'agents' | 'decisions' | 'models'>,
    eventBus: Pick<EventBus, 'read'>,
  ) =>
  async (userId: string, traceId: string): Promise<DecisionReview> => {
    await decisions?.settle();
    if (models instanceof ModelStack) await models.model.flush();
    const sources = {
      ...{ eventBus, agents },
      ...(decisions === undefined ? {} : { journal: decisions.journal }),
      ...(models === undefined ? {} : { modelJournal: models.journal }),
    };
    return reviewDecision(sources, userId, traceId);
  };
