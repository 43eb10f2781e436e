import { join } from 'node:path';
import {
  type DecisionReplay,
  Luma,
  Meridian,
  type ModelRecord,
  replayDecision,
  SqlDecisionJournal,
  SqlModelJournal,
  Vanta,
} from '@perpdesk/agents';
import { type DomainEvent, SortableIdGenerator, SystemClock, SystemRandom } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { MarketState } from '@perpdesk/data';

/** What a run wrote down. */
export interface DayJournal {
  readonly events: readonly DomainEvent[];
  readonly questions: readonly ModelRecord[];
  /** Makes a decision again, from the journals alone. */
  replay(traceId: string): Promise<DecisionReplay>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the journals of a data directory in which no desk runs. @throws StoreError */
export async function openDayJournal(directory: string): Promise<DayJournal> {
  const database = await openDatabase({ url: `sqlite:${join(directory, 'desk.db')}`, durability: 'normal' });
  const clock = new SystemClock();
  const ids = new SortableIdGenerator({ clock, random: new SystemRandom() });
  const eventBus = new OutboxEventBus({ database, clock, ids });
  await eventBus.start();
  const [journal, modelJournal] = [new SqlDecisionJournal({ database }), new SqlModelJournal({ database })];
  await modelJournal.open();
  const events: DomainEvent[] = [];
  for (let afterPosition = 0; ; ) {
    const page = await eventBus.read({ afterPosition, limit: 1000 });
    events.push(...page.map(({ event }) => event));
    const last = page.at(-1);
    if (last === undefined) break;
    afterPosition = last.position;
  }
  const questions: ModelRecord[] = [];
  for (let afterId = ''; ; ) {
    const page = await modelJournal.read({ afterId, limit: 1000 });
    questions.push(...page);
    const last = page.at(-1);
    if (last === undefined) break;
    afterId = last.id;
  }
  // There is no market: the agents are given what they read then.
  const state = new MarketState({ clock });
  const views = { marketView: state, derivativesView: state, macroView: state, clock };
  const agents = [new Vanta(views), new Luma(views), new Meridian(views)];
  return {
    events,
    questions,
    replay: (traceId) => replayDecision({ traceId, eventBus, journal, modelJournal, agents }),
    async [Symbol.asyncDispose]() {
      await eventBus.close();
      await database.close();
    },
  };
}
