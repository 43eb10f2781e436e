import { type PredictionSource, VenueError } from '@perpdesk/core';
import { testClock, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { DiscoveryScan, type DiscoveryScanOptions } from './discovery-scan.ts';
import { resolvePrediction } from './resolve-prediction.ts';
import { kalshiContract, polymarketContract } from './testing/example-payloads.ts';

const hour = 3_600_000;
/** A source of so many contracts, four a page. */
const source = (count: number, changes: Partial<PredictionSource> = {}): PredictionSource => ({
  venue: 'polymarket',
  search: async ({ cursor = '0', limit = 4 }) => {
    const at = Number(cursor);
    const contracts = Array.from({ length: Math.min(limit, count - at) }, (_, index) => ({
      ...polymarketContract,
      id: `polymarket:${at + index}`,
    }));
    return { contracts, refused: 0, ...(at + limit < count ? { cursor: String(at + limit) } : {}) };
  },
  resolve: async () => polymarketContract,
  fetchBook: async () => Promise.reject(new Error('not asked')),
  fetchTrades: async () => [],
  watch: () => () => {},
  close: async () => {},
  ...changes,
});

describe('DiscoveryScan', () => {
  async function scanning(sources: readonly PredictionSource[], options: Partial<DiscoveryScanOptions> = {}) {
    const clock = testClock();
    const found: string[] = [];
    const scan = new DiscoveryScan({
      clock,
      sources,
      pageSize: 4,
      pages: 2,
      found: ({ id }) => found.push(id),
      ...options,
    });
    await scan.start();
    await clock.advanceTo(testStartAtMs + 1);
    return { clock, found, scan };
  }

  it('default: each contract once, so many pages a scan', async () => {
    const { clock, found, scan } = await scanning([source(10)]);
    expect(found).toHaveLength(8);
    await clock.advanceTo(testStartAtMs + hour);
    expect(found).toHaveLength(8);
    expect(scan.health()).toEqual({ status: 'healthy', detail: '5 scans, 8 contracts found' });
    await scan.stop();
  });

  it('behavior: no more than so many in a scan, the others in the next', async () => {
    const { clock, found, scan } = await scanning([source(8)], { mostFound: 3 });
    expect(found).toHaveLength(3);
    await clock.advanceTo(testStartAtMs + hour / 4 + 2);
    expect(found).toHaveLength(6);
    await scan.stop();
  });

  it('behavior: only what is wanted is told', async () => {
    const { found, scan } = await scanning([source(4)], { wanted: ({ id }) => id.endsWith('2') });
    expect(found).toEqual(['polymarket:2']);
    await scan.stop();
  });

  it('error: a source that fails is said, and the others go on', async () => {
    const failing = source(4, {
      venue: 'kalshi',
      search: async () => {
        throw new VenueError('venue.unreachable', 'kalshi did not answer');
      },
    });
    const { found, scan } = await scanning([failing, source(4)]);
    expect(found).toHaveLength(4);
    expect(scan.health()).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('kalshi did not answer'),
    });
    await scan.stop();
    expect(scan.health()).toEqual({ status: 'stopped' });
  });
});

describe('resolvePrediction', () => {
  it('default: the source of the venue is asked, and one that is not there is said', async () => {
    const sources = [source(1, { venue: 'kalshi', resolve: async () => kalshiContract })];
    expect(await resolvePrediction('KXRAIN-26DEC06-T1', sources)).toBe(kalshiContract);
    await expect(resolvePrediction('will-it-rain', sources)).rejects.toMatchObject({ code: 'prediction.venue' });
  });
});
