import { toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../recommendation/evaluate.ts';
import { aPending, aRecommendationInput } from '../testing/fixtures.ts';
import { testStores } from '../testing/test-stores.ts';
import { MemoryRiskStateStore } from './memory-risk-state-store.ts';
import { releasePending } from './release-pending.ts';
import { emptyMemory } from './risk-memory.ts';
import { operatorStateId, type RiskStateStore } from './risk-state-store.ts';

const entry = aPending({ signalId: 'signal:1' });
const other = aPending({ signalId: 'signal:0', expiresAtMs: 10 });
const { decision } = evaluate(aRecommendationInput());

describe.each(testStores)('RiskStateStore: $title', ({ available, make }) => {
  const using = async (test: (store: RiskStateStore) => Promise<void>): Promise<void> => {
    const { store, drop } = await make();
    try {
      await store.open();
      await store.open();
      await test(store);
    } finally {
      await drop();
    }
  };

  it.runIf(available)('default: what was committed is loaded, in a fixed order', () =>
    using(async (store) => {
      const memory = { ...emptyMemory, tripped: ['BTC-PERP'] };
      expect(
        await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry, other], memory, decision }]),
      ).toEqual([true]);
      expect(await store.load(['nobody', 'ada'])).toEqual([
        { userId: 'nobody', version: 0, pending: [], memory: emptyMemory },
        { userId: 'ada', version: 1, pending: [other, entry], memory },
      ]);
      expect(await store.ownerOf('signal:1')).toBe('ada');
      expect(await store.ownerOf('signal:2')).toBeUndefined();
      expect(await store.decisions(decision.recommendationId)).toEqual([decision]);
    }),
  );

  it.runIf(available)('behavior: what is written alongside is kept with the changes or takes them back', () =>
    using(async (store) => {
      const calls: string[] = [];
      const alongside = async (): Promise<void> => void calls.push('written');
      const inDatabase = !(store instanceof MemoryRiskStateStore);
      expect(await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry] }], { alongside })).toEqual([true]);
      expect(calls).toEqual(inDatabase ? ['written'] : []);
      // Nothing is written beside a change that did not find its version.
      const stale = { userId: 'ada', expectedVersion: 0, put: [other] };
      expect(await store.commit([stale], { alongside })).toEqual([false]);
      expect(await store.commit([stale, { ...stale, userId: 'bob' }], { alongside })).toEqual([false, true]);
      expect(calls).toEqual(inDatabase ? ['written'] : []);
      if (!inDatabase) return;
      const fails = async (): Promise<void> => {
        throw new Error('no room');
      };
      const change = { userId: 'ada', expectedVersion: 1, put: [other] };
      await expect(store.commit([change], { alongside: fails })).rejects.toThrow('no room');
      expect(await store.load(['ada'])).toMatchObject([{ version: 1, pending: [entry] }]);
    }),
  );

  it.runIf(available)('behavior: compare and set, each user by itself', () =>
    using(async (store) => {
      await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry] }]);
      const results = await store.commit([
        { userId: 'ada', expectedVersion: 0, put: [other] },
        { userId: 'bob', expectedVersion: 0, put: [aPending({ userId: 'bob', signalId: 'signal:b' })] },
        { userId: 'cleo', expectedVersion: 3, put: [] },
      ]);
      expect(results).toEqual([false, true, false]);
      expect(await store.commit([{ userId: 'ada', expectedVersion: 1, remove: ['signal:1'], put: [other] }])).toEqual([
        true,
      ]);
      expect((await store.load(['ada']))[0]).toMatchObject({ version: 2, pending: [other] });
    }),
  );

  it.runIf(available)('behavior: one of many at once wins', () =>
    using(async (store) => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.commit([{ userId: 'ada', expectedVersion: 0, put: [aPending({ signalId: `signal:${n}` })] }]),
        ),
      );
      expect(results.flat().filter(Boolean)).toHaveLength(1);
      expect((await store.load(['ada']))[0]?.pending).toHaveLength(1);
    }),
  );

  it.runIf(available)('behavior: a decision is kept once, and no reservation beside it', () =>
    using(async (store) => {
      expect(await store.commit([{ userId: 'ada', expectedVersion: 0, decision }])).toEqual([true]);
      expect((await store.load(['ada']))[0]?.version).toBe(0);
      expect(await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry], decision }])).toEqual([false]);
      expect((await store.load(['ada']))[0]?.pending).toEqual([]);
    }),
  );

  it.runIf(available)("behavior: nothing is committed unless the operator's version is the one expected", () =>
    using(async (store) => {
      expect(await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry] }], { operatorVersion: 0 })).toEqual(
        [true],
      );
      expect(await store.commit([{ userId: 'bob', expectedVersion: 0, put: [other] }], { operatorVersion: 0 })).toEqual(
        [false],
      );
      expect((await store.load([operatorStateId, 'bob'])).map(({ version }) => version)).toEqual([1, 0]);
    }),
  );

  it.runIf(available)('behavior: forgets what is over', () =>
    using(async (store) => {
      await store.commit([{ userId: 'ada', expectedVersion: 0, put: [entry, other], decision }]);
      await store.prune({ decisionsMs: decision.atMs, reservationsMs: 11 });
      expect((await store.load(['ada']))[0]?.pending).toEqual([entry]);
      expect(await store.decisions(decision.recommendationId)).toHaveLength(1);
      await store.prune({ decisionsMs: decision.atMs + 1, reservationsMs: 0 });
      expect(await store.decisions(decision.recommendationId)).toEqual([]);
    }),
  );

  it.runIf(available)('behavior: 1,200 users in one batch', () =>
    using(async (store) => {
      const ids = Array.from({ length: 1200 }, (_, n) => `u${n}`);
      const changes = ids.map((userId) => ({
        userId,
        expectedVersion: 0,
        put: [aPending({ userId, signalId: `signal:${userId}` })],
      }));
      expect((await store.commit(changes)).every(Boolean)).toBe(true);
      expect((await store.load(ids)).every(({ version, pending }) => version === 1 && pending.length === 1)).toBe(true);
    }),
  );
});

describe('releasePending', () => {
  const legs = [{ clientOrderId: 'a', size: toSize(1), heldBefore: toSize(0), expiresAtMs: 1 }];
  const full = {
    ...aPending({
      initialMargin: toUsd(300),
      fees: toUsd(3),
      notional: toUsd(900),
      riskAtStop: toUsd(30),
      size: toSize('0.003'),
    }),
    legs,
  };

  it('default: everything shrinks alike, to whole lots again', () => {
    expect(releasePending(full, toUsd(100))).toMatchObject({
      size: '0.003',
      remaining: '0.001',
      legs: [],
      reservation: { initialMargin: '100', fees: '1', notional: '300', riskAtStop: '10' },
    });
  });

  it('behavior: nothing left ends it, more than there is leaves it, a repetition changes nothing', () => {
    expect(releasePending(full, undefined)).toBeUndefined();
    expect(releasePending(full, toUsd(0))).toBeUndefined();
    expect(releasePending(full, toUsd(400))?.reservation).toEqual(full.reservation);
    const once = releasePending(full, toUsd(100));
    expect(once && releasePending(once, toUsd(100))).toEqual(once);
  });
});
