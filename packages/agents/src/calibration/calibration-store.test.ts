import { testDatabases } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleScore } from '../testing/opinion-score.ts';
import type { BookEntry } from './calibration-book.ts';
import type { CalibrationChange, CalibrationStore } from './calibration-store.ts';
import { noDrift } from './drift-detector.ts';
import { MemoryCalibrationStore } from './memory-calibration-store.ts';
import type { PendingScore } from './pending-score.ts';
import { noScores, withScore } from './score-sums.ts';
import { SqlCalibrationStore } from './sql-calibration-store.ts';

const nothing: CalibrationChange = { opened: [], settled: [], scores: [], entries: [], baseRates: [], drifts: [] };

const waiting = (id: string, dueAtMs = 1_800_000): PendingScore => ({
  ...{ id, word: 'opinion', subjectId: id, agent: 'vanta', market: 'BTC-PERP', instrumentId: 'BTC-PERP@hyperliquid' },
  ...{ timeframe: '15m', bars: 1, source: 'rules', direction: 'long', confidence: 0.123456789, atMs: 900_000, dueAtMs },
  ...{ series: '15m', entryAtMs: 900_000, baseRates: { up: 0.3, flat: 0.3, down: 0.4 }, band: 0.001 },
  ...{ entryPrice: 61_234.5, traceId: 'trace', causationId: 'event' },
});

const entryOf = (agent: string): BookEntry => ({
  ...{ agent, word: 'opinion', source: 'rules', regime: 'unknown', timeframe: '15m', bars: 4 },
  sums: withScore(noScores(), exampleScore({ agent }), 1_000),
});

interface Place {
  readonly store: CalibrationStore;
  /** The store as a process that starts anew finds it. */
  again(): Promise<CalibrationStore>;
  drop(): Promise<void>;
}

const memory = async (): Promise<Place> => {
  const store = new MemoryCalibrationStore();
  return { store, again: async () => store, drop: async () => {} };
};
const databases = (await testDatabases()).map(({ title, available, make }) => ({
  title,
  available,
  make: async (): Promise<Place> => {
    const database = await make();
    const open = async (): Promise<CalibrationStore> => {
      const store = new SqlCalibrationStore({ database: await database.open() });
      await store.open();
      return store;
    };
    return { store: await open(), again: open, drop: () => database.drop() };
  },
}));

describe.each([{ title: 'memory', available: true, make: memory }, ...databases])(
  'CalibrationStore in $title',
  ({ available, make }) => {
    const on = async (act: (place: Place) => Promise<void>): Promise<void> => {
      const place = await make();
      try {
        await place.store.open();
        await act(place);
      } finally {
        await place.drop();
      }
    };

    it.skipIf(!available)('default: what is committed is there whole, for whoever opens it next', () =>
      on(async ({ store, again }) => {
        expect(await store.load()).toEqual({ pending: [], entries: [], baseRates: [], drifts: [] });
        const drift = {
          key: 'vanta|rules|4',
          state: { ...noDrift, mean: 0.1, block: { fromMs: 0, count: 1, total: 1 } },
        };
        const rates = { key: 'vanta|opinion|15m|4', counts: { up: 1, flat: 2, down: 3 } };
        await store.commit({
          opened: [waiting('a'), waiting('b')],
          settled: [],
          scores: [exampleScore()],
          entries: [entryOf('vanta')],
          baseRates: [rates],
          drifts: [drift],
        });
        const later = await again();
        expect(await later.load()).toEqual({
          pending: [waiting('a'), waiting('b')],
          entries: [entryOf('vanta')],
          baseRates: [rates],
          drifts: [drift],
        });
        expect(await later.scores()).toEqual([exampleScore()]);
      }),
    );

    it.skipIf(!available)('default: settled views wait no longer, sums are replaced', () =>
      on(async ({ store }) => {
        await store.commit({ ...nothing, opened: [waiting('a'), waiting('b')], entries: [entryOf('vanta')] });
        const changed = { ...entryOf('vanta'), sums: noScores() };
        await store.commit({ ...nothing, settled: ['a', 'unknown'], entries: [changed, entryOf('luma')] });
        const kept = await store.load();
        expect(kept.pending.map(({ id }) => id)).toEqual(['b']);
        expect(new Set(kept.entries)).toEqual(new Set([changed, entryOf('luma')]));
      }),
    );

    it.skipIf(!available)('behavior: what is opened or scored again is left as it was', () =>
      on(async ({ store }) => {
        await store.commit({ ...nothing, opened: [waiting('a')], scores: [exampleScore()] });
        await store.commit({
          ...nothing,
          opened: [{ ...waiting('a'), direction: 'short' }],
          scores: [{ ...exampleScore(), move: 'down' }],
        });
        expect((await store.load()).pending).toEqual([waiting('a')]);
        expect(await store.scores()).toEqual([exampleScore()]);
      }),
    );

    it.skipIf(!available)('behavior: scores by agent, word, horizon and time, the newest so many, oldest first', () =>
      on(async ({ store }) => {
        const scores = Array.from({ length: 450 }, (_, i) =>
          exampleScore({
            atMs: i * 1_000,
            agent: i % 2 ? 'luma' : 'vanta',
            word: i % 3 ? 'opinion' : 'ruled',
            bars: i % 5 ? 4 : 1,
          }),
        );
        await store.commit({ ...nothing, scores });
        const byTime = [...scores].sort((a, b) => a.dueAtMs - b.dueAtMs);
        expect(await store.scores()).toEqual(byTime);
        expect(await store.scores({ agent: 'luma', words: ['ruled'], bars: 1 })).toEqual(
          byTime.filter(({ agent, word, bars }) => agent === 'luma' && word === 'ruled' && bars === 1),
        );
        expect(await store.scores({ limit: 3 })).toEqual(byTime.slice(-3));
        const [from, to] = [byTime[10]?.dueAtMs ?? 0, byTime[20]?.dueAtMs ?? 0];
        expect(await store.scores({ fromMs: from, toMs: to })).toEqual(byTime.slice(10, 20));
        const ids = scores.map(({ id }) => id);
        expect(await store.scored([...ids, 'unknown'])).toEqual(new Set(ids));
        await store.prune(to);
        expect(await store.scores()).toEqual(byTime.slice(20));
      }),
    );
  },
);

describe('MemoryCalibrationStore', () => {
  it('behavior: lets go of what is old however often it did before, and in whatever order it came', async () => {
    const store = new MemoryCalibrationStore();
    const scores = [5_000, 1_000, 3_000].map((atMs) => exampleScore({ atMs }));
    const dues = scores.map(({ dueAtMs }) => dueAtMs);
    const [latest = 0, earliest = 0, middle = 0] = dues;
    await store.commit({ ...nothing, scores });
    const kept = async () => (await store.scores()).map(({ dueAtMs }) => dueAtMs);
    await store.prune(earliest);
    expect(await kept()).toEqual([earliest, middle, latest]);
    await store.prune(earliest + 1);
    expect(await kept()).toEqual([middle, latest]);
    await store.prune(middle + 1);
    expect(await kept()).toEqual([latest]);
    await store.commit({ ...nothing, scores: scores.slice(1, 2) });
    await store.prune(earliest + 1);
    expect(await kept()).toEqual([latest]);
    await store.prune(latest + 1);
    expect(await kept()).toEqual([]);
  });

  it('behavior: holds so many scores and lets the oldest go', async () => {
    const store = new MemoryCalibrationStore({ scoresHeld: 2 });
    const scores = [1, 2, 3].map((atMs) => exampleScore({ atMs }));
    await store.commit({ ...nothing, scores: scores.slice(0, 2) });
    expect(await store.scores()).toEqual(scores.slice(0, 2));
    await store.commit({ ...nothing, scores: scores.slice(2) });
    expect(await store.scores()).toEqual(scores.slice(1));
  });
});
