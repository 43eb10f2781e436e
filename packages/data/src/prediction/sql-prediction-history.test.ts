import { predictionHistoryContract, testClock, testDatabases, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../store/sql-time-series-store.ts';
import { PredictionWatch } from './prediction-watch.ts';
import { SqlPredictionHistory } from './sql-prediction-history.ts';
import { kalshiContract } from './testing/example-payloads.ts';
import { ScriptedSource } from './testing/scripted-source.ts';

describe.each(await testDatabases())('SqlPredictionHistory on $title', ({ available, make }) => {
  for (const { name, run } of predictionHistoryContract)
    it.skipIf(!available)(name, () =>
      run(async (clock, quotes) => {
        const files = await make();
        const database = await files.open();
        const store = new SqlTimeSeriesStore({ database });
        await store.start();
        await store.write('prediction', quotes);
        const history = new SqlPredictionHistory({ clock, database, store });
        await history.start();
        return { history, close: () => files.drop() };
      }),
    );

  it.skipIf(!available)('behavior: what a watch saw resolved is there after a restart', async () => {
    const files = await make();
    try {
      const database = await files.open();
      const store = new SqlTimeSeriesStore({ database });
      await store.start();
      const clock = testClock();
      const history = new SqlPredictionHistory({ clock, database, store });
      await history.start();
      const source = new ScriptedSource('kalshi');
      const watch = new PredictionWatch({ clock, sources: [source], store, history });
      await watch.start();
      const contract = { ...kalshiContract, closesAtMs: testStartAtMs + 3_600_000 };
      watch.watch(contract);
      const moments = { exchangeAtMs: testStartAtMs, receivedAtMs: testStartAtMs };
      const quote = { contractId: contract.id, bid: 0.4, ask: 0.42, depthUsd: 5, ...moments };
      source.say(contract.id, { kind: 'quote', quote });
      await clock.advanceBy(3_700_000);
      source.say(contract.id, { kind: 'resolved', contract: { ...contract, open: false, resolution: 'yes' } });
      await watch.stop();
      const again = new SqlPredictionHistory({ clock, database: await files.open(), store });
      await again.start();
      expect(await again.resolved({ venue: 'kalshi' })).toEqual([
        {
          contract: { ...contract, open: false, resolution: 'yes' },
          knownAtMs: testStartAtMs + 3_700_000,
          mids: new Map([[3_600_000, expect.closeTo(0.41, 9)]]),
        },
      ]);
    } finally {
      await files.drop();
    }
  });
});

describe('PredictionWatch with a history that fails', () => {
  it('error: it is said in the health, and the watch goes on', async () => {
    const clock = testClock();
    const source = new ScriptedSource('kalshi');
    const history = { record: () => Promise.reject(new Error('no room')) };
    const watch = new PredictionWatch({ clock, sources: [source], history });
    await watch.start();
    watch.watch(kalshiContract);
    source.say(kalshiContract.id, { kind: 'resolved', contract: { ...kalshiContract, resolution: 'no' } });
    await clock.idle();
    expect(watch.watched()).toEqual([]);
    expect(watch.health()).toMatchObject({ status: 'degraded', detail: expect.stringContaining('no room') });
    await watch.stop();
  });
});
