import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryModelLedger } from './memory-model-ledger.ts';
import type { ModelLedger, Reservation, Spending } from './model-ledger.ts';
import { SqlModelLedger } from './sql-model-ledger.ts';

const atMs = Date.UTC(2025, 6, 21, 23, 59, 59, 999);
const most: Spending = { inputTokens: 1_000, outputTokens: 500, microUsd: 2_000, modelMs: 8_000 };
const took: Spending = { inputTokens: 300, outputTokens: 100, microUsd: 700, modelMs: 1_500 };
const reservation = (change: Partial<Reservation> = {}): Reservation => ({
  context: { agent: 'vanta', roundKey: 'r1', traceId: 't1', userId: 'alice' },
  atMs,
  spending: most,
  limits: {},
  ...change,
});
const spend = (calls: number, failedCalls: number, spending: Spending) => {
  const { microUsd, ...rest } = spending;
  return { calls, failedCalls, ...rest, usd: microUsd / 1e6 };
};
const nothing = { inputTokens: 0, outputTokens: 0, microUsd: 0, modelMs: 0 };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const kinds = [
  { title: 'memory', available: true, open: async (): Promise<ModelLedger> => new MemoryModelLedger() },
  ...(await testDatabases()).map(({ title, available, make }) => ({
    title,
    available,
    open: async (): Promise<ModelLedger> => {
      const database = await make();
      cleanups.push(() => database.drop());
      const ledger = new SqlModelLedger({ database: await database.open() });
      await ledger.open();
      return ledger;
    },
  })),
];

describe.each(kinds)('ModelLedger in $title', ({ available, open }) => {
  it.skipIf(!available)('default: counts the most a question may take, then what it took', async () => {
    const ledger = await open();
    const asked = reservation();
    expect(await ledger.reserve(asked)).toEqual({ outcome: 'reserved' });
    const queries = [
      { roundKey: 'r1' },
      { traceId: 't1' },
      { userId: 'alice' },
      { userId: 'alice', day: '2025-07-21' },
      { day: '2025-07-21' },
    ];
    for (const query of queries) expect(await ledger.spent(query)).toEqual(spend(1, 0, most));
    await ledger.settle({ reservation: asked, spending: took, succeeded: true });
    for (const query of queries) expect(await ledger.spent(query)).toEqual(spend(1, 0, took));
    for (const query of [{ roundKey: 'r2' }, { userId: 'bob' }, { day: '2025-07-22' }])
      expect(await ledger.spent(query)).toEqual(spend(0, 0, nothing));
  });

  it.skipIf(!available)('behavior: refuses what would pass a limit, books nothing of it, and says which', async () => {
    const ledger = await open();
    const limits = { day: { microUsd: 5_000, tokens: 4_500 }, user: { modelMs: 16_000 }, round: { tokens: 3_000 } };
    expect(await ledger.reserve(reservation({ limits }))).toEqual({ outcome: 'reserved' });
    expect(await ledger.reserve(reservation({ limits }))).toEqual({ outcome: 'reserved' });
    // The day's dollars come first: 4,000 of 5,000 are reserved.
    expect(await ledger.reserve(reservation({ limits }))).toEqual({
      outcome: 'refused',
      scope: 'day',
      measure: 'microUsd',
      limit: 5_000,
      spent: 4_000,
    });
    const cheap = { ...most, microUsd: 0, modelMs: 1 };
    expect(await ledger.reserve(reservation({ limits, spending: cheap }))).toMatchObject({
      scope: 'user',
      measure: 'modelMs',
    });
    const noUser = { roundKey: 'r1' };
    expect(await ledger.reserve(reservation({ limits, spending: cheap, context: noUser }))).toMatchObject({
      scope: 'round',
      measure: 'tokens',
      spent: 3_000,
    });
    expect(await ledger.spent({ day: '2025-07-21' })).toMatchObject({ calls: 2, usd: 0.004 });
    const another = { roundKey: 'r2' };
    expect(await ledger.reserve(reservation({ limits, spending: cheap, context: another }))).toEqual({
      outcome: 'reserved',
    });
  });

  it.skipIf(!available)('behavior: the next UTC day and another user begin with nothing', async () => {
    const ledger = await open();
    const limits = { day: { tokens: 1_500 }, user: { tokens: 1_500 } };
    await ledger.reserve(reservation({ limits }));
    expect(await ledger.reserve(reservation({ limits }))).toMatchObject({ outcome: 'refused', scope: 'day' });
    expect(await ledger.reserve(reservation({ limits, atMs: atMs + 1 }))).toEqual({ outcome: 'reserved' });
    expect(await ledger.spent({ userId: 'alice' })).toMatchObject({ calls: 2 });
  });

  it.skipIf(!available)('behavior: settled across midnight it is counted on the day it was asked', async () => {
    const ledger = await open();
    const asked = reservation();
    await ledger.reserve(asked);
    await ledger.settle({ reservation: asked, spending: took, succeeded: false });
    expect(await ledger.spent({ day: '2025-07-21' })).toEqual(spend(1, 1, took));
    expect(await ledger.spent({ day: '2025-07-22' })).toEqual(spend(0, 0, nothing));
  });

  it.skipIf(!available)('behavior: of 200 questions at once only those that fit are reserved', async () => {
    const ledger = await open();
    const limits = { day: { tokens: 1_500 * 37 } };
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        ledger.reserve(reservation({ limits, context: { roundKey: `r${i % 5}` } })),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(37);
    expect(await ledger.spent({ day: '2025-07-21' })).toMatchObject({ calls: 37, inputTokens: 37_000 });
  });

  it.skipIf(!available)('behavior: forgets what is old', async () => {
    const ledger = await open();
    const asked = reservation();
    await ledger.reserve(asked);
    await ledger.settle({ reservation: asked, spending: took, succeeded: true });
    await ledger.prune(atMs);
    expect(await ledger.spent({ roundKey: 'r1' })).toMatchObject({ calls: 1 });
    await ledger.prune(atMs + 1);
    expect(await ledger.spent({ roundKey: 'r1' })).toMatchObject({ calls: 0 });
  });
});

describe.each(await testDatabases())('SqlModelLedger on $title', ({ title, available, make }) => {
  it.skipIf(!available || title.includes('memory'))(
    'behavior: a restart forgets neither the day nor a question that never ended, and processes share a limit',
    async () => {
      const database = await make();
      cleanups.push(() => database.drop());
      const [first, second] = await Promise.all(
        [1, 2].map(async () => {
          const ledger = new SqlModelLedger({ database: await database.open() });
          await ledger.open();
          return ledger;
        }),
      );
      if (first === undefined || second === undefined) throw new Error('no ledger');
      const limits = { day: { tokens: 30_000 } };
      await first.reserve(reservation({ limits }));
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? first : second).reserve(reservation({ limits }))),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(19);
      const third = new SqlModelLedger({ database: await database.open() });
      await third.open();
      expect(await third.spent({ day: '2025-07-21' })).toMatchObject({ calls: 20, inputTokens: 20_000 });
    },
  );
});

describe('MemoryModelLedger', () => {
  it('behavior: stays small over many rounds, and forgets no day', async () => {
    const ledger = new MemoryModelLedger({ limit: 100 });
    for (let i = 0; i < 1_000; i += 1) {
      const asked = reservation({ context: { roundKey: `r${i}`, traceId: `t${i}`, userId: 'alice' } });
      await ledger.reserve(asked);
      await ledger.settle({ reservation: asked, spending: took, succeeded: true });
    }
    expect(await ledger.spent({ roundKey: 'r0' })).toMatchObject({ calls: 0 });
    expect(await ledger.spent({ roundKey: 'r999' })).toMatchObject({ calls: 1 });
    expect(await ledger.spent({ day: '2025-07-21' })).toMatchObject({ calls: 1_000, usd: 0.7 });
    expect(await ledger.spent({ userId: 'alice' })).toMatchObject({ calls: 1_000 });
  });
});
