import { RecordingModel, ScriptedModel, SqlModelJournal } from '@perpdesk/agents';
import { SeededRandom, SimulatedClock, SortableIdGenerator, silentLogger } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ReplayedModels, recordedThinking } from './replayed-models.ts';

const question = (prompt: string) => ({
  ...{ purpose: 'example/1', system: 'You judge.', prompt, schemaName: 'example', timeoutMs: 1_000 },
  schema: z.object({ score: z.number() }),
});

const databases: Awaited<ReturnType<typeof openDatabase>>[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
});

async function begin() {
  const [database, own] = await Promise.all([1, 2].map(() => openDatabase({ url: 'sqlite::memory:' })));
  if (database === undefined || own === undefined) throw new Error('No database.');
  databases.push(database, own);
  const clock = new SimulatedClock();
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('ids') });
  return { database, own, clock, ids, logger: silentLogger };
}

describe('recordedThinking', () => {
  it('default: the answers and costs of an earlier run, and what it was never asked is counted', async () => {
    const { database, own, clock, ids, logger } = await begin();
    const journal = new SqlModelJournal({ database });
    await journal.open();
    const scripted = new ScriptedModel({ answer: () => ({ score: 7 }) });
    const recording = new RecordingModel({ model: scripted, journal, clock, ids });
    await recording.generate(question('a'));
    await recording.flush();
    const eventBus = new OutboxEventBus({ database, clock, ids });
    await eventBus.start();
    const cost = { usd: 0.02, inputTokens: 900, outputTokens: 80 };
    const round = { key: 'BTC-PERP:15m:1', market: 'BTC-PERP', instrumentId: 'BTC-PERP@x', timeframe: '15m' } as const;
    await eventBus.publish({
      ...{ type: 'round.concluded', key: 'BTC-PERP' },
      payload: {
        round: { ...round, closeAtMs: 1, mode: 'handoff' },
        ...{ outcome: 'stood-aside', reason: 'low-confidence', cost },
      },
    });
    await eventBus.close();

    const { recorded } = await recordedThinking(database, { ids, logger });
    const models = new ReplayedModels({ recorded, database: own, clock, ids, logger });
    await models.start();
    expect((await models.model.generate(question('a'))).value).toEqual({ score: 7 });
    expect(await models.ledger.spent({ roundKey: round.key })).toMatchObject({ calls: 1, ...cost });
    expect((await models.ledger.spent({ roundKey: 'another' })).calls).toBe(0);
    expect(models.health()).toEqual({ status: 'healthy' });
    await expect(models.model.generate(question('b'))).rejects.toMatchObject({ code: 'model.not-recorded' });
    expect(models.health()).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/^1 questions/) });
    await models.stop();
    // The run has a journal of its own.
    expect((await models.journal.read()).map(({ outcome }) => outcome.kind)).toEqual(['answered', 'failed']);
  });

  it('error: a run that asked no model', async () => {
    const { database, ids, logger } = await begin();
    await expect(recordedThinking(database, { ids, logger })).rejects.toMatchObject({ code: 'replay-models.none' });
  });
});
