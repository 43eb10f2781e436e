import assert from 'node:assert/strict';
import {
  type PredictionContract,
  predictionBookSchema,
  predictionContractSchema,
  predictionQuoteSchema,
  predictionTradeSchema,
} from '../domain/prediction-market.ts';
import { ValidationError } from '../errors/validation-error.ts';
import type { PredictionSource, PredictionUpdate } from '../ports/prediction-source.ts';
import type { ContractCase } from './contract-case.ts';

/** A source of a venue that has at least one open contract, with orders on both sides and a trade. */
export interface PredictionSourceHarness {
  readonly source: PredictionSource;
  /** Means that contract. */
  readonly reference: string;
  /** Well formed, and means none. */
  readonly unknown: string;
  readonly close: () => Promise<void>;
}
export type MakePredictionSource = () => Promise<PredictionSourceHarness>;

function scenario(
  name: string,
  run: (harness: PredictionSourceHarness) => Promise<void>,
): ContractCase<MakePredictionSource> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      try {
        await run(harness);
      } finally {
        await harness.source.close();
        await harness.close();
      }
    },
  };
}

const refusedWith = (code: string) => (error: unknown) => ValidationError.is(error) && error.code === code;

/** What every PredictionSource keeps to. */
export const predictionSourceContract: readonly ContractCase<MakePredictionSource>[] = [
  scenario('default: a reference and the id it leads to are the same contract', async ({ source, reference }) => {
    const contract = await source.resolve(reference);
    predictionContractSchema.parse(contract);
    assert.equal(contract.venue, source.venue);
    assert.deepEqual(await source.resolve(contract.id), contract);
  }),
  scenario('default: a page holds open contracts of the venue, no more than asked for', async ({ source }) => {
    const { contracts } = await source.search({ limit: 3 });
    assert.ok(contracts.length >= 1 && contracts.length <= 3);
    for (const contract of contracts) {
      predictionContractSchema.parse(contract);
      assert.equal(contract.venue, source.venue);
      assert.equal(contract.resolution, undefined);
    }
  }),
  scenario('default: a book is in order and not crossed, trades are oldest first', async ({ source, reference }) => {
    const contract = await source.resolve(reference);
    const { bids, asks } = predictionBookSchema.parse(await source.fetchBook(contract));
    assert.ok(bids.every(([price], index) => index === 0 || price < (bids[index - 1]?.[0] ?? 0)));
    assert.ok(asks.every(([price], index) => index === 0 || price > (asks[index - 1]?.[0] ?? 1)));
    assert.ok((bids[0]?.[0] ?? 0) < (asks[0]?.[0] ?? 1));
    const trades = await source.fetchTrades(contract, 5);
    assert.ok(trades.length >= 1 && trades.length <= 5);
    for (const trade of trades) predictionTradeSchema.parse(trade);
    assert.ok(trades.every(({ exchangeAtMs }, index) => exchangeAtMs >= (trades[index - 1]?.exchangeAtMs ?? 0)));
  }),
  scenario('default: a watched contract is live and quoted; after stopping nothing comes', async (harness) => {
    const { source, reference } = harness;
    const contract = await source.resolve(reference);
    const updates: PredictionUpdate[] = [];
    await new Promise<void>((resolve) => {
      const stop = source.watch([contract], (update) => {
        updates.push(update);
        if (update.kind !== 'quote') return;
        stop();
        resolve();
      });
    });
    const count = updates.length;
    const quote = updates.find((update) => update.kind === 'quote')?.quote;
    assert.equal(predictionQuoteSchema.parse(quote).contractId, contract.id);
    assert.ok(updates.some((update) => update.kind === 'status' && update.status === 'live'));
    await source.close();
    assert.equal(updates.length, count);
  }),
  scenario('error: references that mean nothing', async ({ source, unknown }) => {
    await assert.rejects(source.resolve('what is this?'), refusedWith('prediction.reference'));
    await assert.rejects(source.resolve(unknown), refusedWith('prediction.unknown'));
  }),
  scenario('error: a contract of another venue, and pages that are too large', async ({ source, reference }) => {
    const contract = await source.resolve(reference);
    const venue: PredictionContract['venue'] = source.venue === 'kalshi' ? 'polymarket' : 'kalshi';
    await assert.rejects(source.fetchBook({ ...contract, venue }), refusedWith('prediction.contract'));
    await assert.rejects(source.search({ limit: 0 }), refusedWith('prediction.limit'));
    await assert.rejects(source.search({ limit: 101 }), refusedWith('prediction.limit'));
    await assert.rejects(source.fetchTrades(contract, 501), refusedWith('prediction.limit'));
  }),
  scenario('error: an aborted call rejects with the reason', async ({ source, reference }) => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(source.resolve(reference, { signal }), /stopped/);
    await assert.rejects(source.search({}, { signal }), /stopped/);
  }),
];
