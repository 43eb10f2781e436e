import assert from 'node:assert/strict';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { PredictionContract, PredictionQuote } from '../domain/prediction-market.ts';
import { ValidationError } from '../errors/validation-error.ts';
import type { PredictionHistory } from '../ports/prediction-history.ts';
import type { ContractCase } from './contract-case.ts';
import { testClock, testStartAtMs } from './test-ids.ts';

/** Makes a history without a contract, on this clock, that has these quotes. */
export type MakePredictionHistory = (
  clock: SimulatedClock,
  quotes: readonly PredictionQuote[],
) => Promise<{ readonly history: PredictionHistory; readonly close: () => Promise<void> }>;

const hourMs = 3_600_000;
const contract: PredictionContract = {
  id: 'kalshi:KXRAIN-1',
  venue: 'kalshi',
  slug: 'KXRAIN-1',
  question: 'Will it rain?',
  closesAtMs: testStartAtMs,
  series: 'KXRAIN',
  event: 'KXRAIN',
  category: 'Weather',
};
const quote = (beforeMs: number, bid: number, ask = bid + 0.02): PredictionQuote => ({
  contractId: contract.id,
  bid,
  ask,
  depthUsd: 10,
  exchangeAtMs: testStartAtMs - beforeMs,
  receivedAtMs: testStartAtMs - beforeMs,
});

function scenario(
  name: string,
  quotes: readonly PredictionQuote[],
  run: (history: PredictionHistory, clock: SimulatedClock) => Promise<void>,
): ContractCase<MakePredictionHistory> {
  return {
    name,
    run: async (make) => {
      const clock = testClock();
      const { history, close } = await make(clock, quotes);
      try {
        await run(history, clock);
      } finally {
        await close();
      }
    },
  };
}

const refusedWith = (code: string) => (error: unknown) => ValidationError.is(error) && error.code === code;

/** What every PredictionHistory keeps to. */
export const predictionHistoryContract: readonly ContractCase<MakePredictionHistory>[] = [
  scenario(
    'default: a resolved contract comes back whole, with the mids before its closing',
    [quote(25 * hourMs, 0.3), quote(6 * hourMs, 0.4), quote(2 * hourMs, 0.5), quote(hourMs / 2, 0.9)],
    async (history, clock) => {
      await history.record({ ...contract, resolution: 'yes' });
      const [past, another] = await history.resolved({ venue: 'kalshi', series: 'KXRAIN' });
      assert.equal(another, undefined);
      assert.deepEqual(past?.contract, { ...contract, resolution: 'yes' });
      assert.equal(past?.knownAtMs, clock.nowMs());
      // Two hours before is too long ago to stand for one hour before.
      assert.deepEqual(
        [...(past?.mids ?? [])].map(([horizonMs, mid]) => [horizonMs / hourMs, Math.round(mid * 100) / 100]),
        [
          [6, 0.41],
          [24, 0.31],
        ],
      );
    },
  ),
  scenario('behavior: the first word on a contract stands', [], async (history, clock) => {
    await history.record({ ...contract, resolution: 'yes' });
    await clock.advanceBy(hourMs);
    await history.record({ ...contract, resolution: 'no' });
    const all = await history.resolved({ venue: 'kalshi' });
    assert.deepEqual(
      all.map(({ contract: { resolution }, knownAtMs }) => [resolution, knownAtMs]),
      [['yes', testStartAtMs]],
    );
  }),
  scenario('behavior: by venue, series and category, the last known first', [], async (history, clock) => {
    const others: Partial<PredictionContract>[] = [
      { id: 'kalshi:A' },
      { id: 'kalshi:B', series: 'KXSNOW' },
      { id: 'kalshi:C', series: 'KXSNOW', category: 'Sport' },
      { id: 'polymarket:D', venue: 'polymarket' },
    ];
    for (const changes of others) {
      await history.record({ ...contract, ...changes, resolution: 'no' });
      await clock.advanceBy(1);
    }
    const ids = async (query: Parameters<PredictionHistory['resolved']>[0]) =>
      (await history.resolved(query)).map((past) => past.contract.id);
    assert.deepEqual(await ids({ venue: 'kalshi' }), ['kalshi:C', 'kalshi:B', 'kalshi:A']);
    assert.deepEqual(await ids({ venue: 'kalshi', limit: 1 }), ['kalshi:C']);
    assert.deepEqual(await ids({ venue: 'kalshi', series: 'KXSNOW' }), ['kalshi:C', 'kalshi:B']);
    assert.deepEqual(await ids({ venue: 'kalshi', series: 'KXSNOW', category: 'Weather' }), ['kalshi:B']);
    assert.deepEqual(await ids({ venue: 'polymarket', category: 'Weather' }), ['polymarket:D']);
  }),
  scenario(
    'behavior: quotes from an instant on, oldest first, and none that is still to come',
    [quote(3 * hourMs, 0.3), quote(hourMs, 0.4), quote(-hourMs, 0.9)],
    async (history, clock) => {
      const bids = async (fromMs: number) =>
        (await history.quotes({ contractId: contract.id, fromMs })).map(({ bid }) => bid);
      assert.deepEqual(await bids(0), [0.3, 0.4]);
      assert.deepEqual(await bids(testStartAtMs - hourMs), [0.4]);
      assert.deepEqual(await history.quotes({ contractId: 'kalshi:OTHER', fromMs: 0 }), []);
      await clock.advanceBy(hourMs);
      assert.deepEqual(await bids(0), [0.3, 0.4, 0.9]);
    },
  ),
  scenario('error: a contract without a resolution, too many at once, and an aborted call', [], async (history) => {
    await assert.rejects(history.record(contract), refusedWith('prediction.unresolved'));
    await assert.rejects(history.resolved({ venue: 'kalshi', limit: 0 }), refusedWith('prediction.limit'));
    await assert.rejects(history.resolved({ venue: 'kalshi', limit: 5001 }), refusedWith('prediction.limit'));
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(history.resolved({ venue: 'kalshi' }, { signal }), /stopped/);
    await assert.rejects(history.quotes({ contractId: contract.id, fromMs: 0 }, { signal }), /stopped/);
  }),
];
