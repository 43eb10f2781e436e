import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '@perpdesk/core';
import { compareWays, type Way, type WayReport } from '@perpdesk/execution';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../testing/product.ts';
import { type RecordedDay, readRecordedDay } from './recorded-day.ts';
import { type SimulatorWay, simulatorWay } from './simulator-way.ts';
import { recordedWay } from './ways-of-day.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const candles = join(fixtures, 'candles/hyperliquid');
const setting = { environment: {}, logger: silentLogger };
const decided = ['recommendation', 'decision', 'signal', 'guidance', 'approval'] as const;

const place = new Workplace();
afterAll(() => place[Symbol.asyncDispose]());

/** Records a run of the product on paper. */
async function record(directory: string, args: string): Promise<RecordedDay> {
  const always = '--record --exit-at-end --headless --speed max --autonomy full-auto --data-dir';
  const run = await place.run([...`${args} ${always}`.split(' '), directory]);
  expect(run).toMatchObject({ code: 0, error: '' });
  return readRecordedDay(place.file(directory), silentLogger);
}

/** A day at the simulator, and against paper. */
async function atSimulator(day: RecordedDay, latencyMs: number): Promise<readonly [SimulatorWay, WayReport]> {
  const way = await simulatorWay(day, { ...setting, latencyMs });
  const [report] = compareWays([recordedWay(day), way]);
  if (report === undefined) throw new Error('Nothing was compared.');
  return [way, report];
}

/** What of each subject was decided the same. */
const sameOf = ({ counts }: WayReport) =>
  decided.map((subject) => [subject, counts[subject]?.left, counts[subject]?.right, counts[subject]?.same]);

describe('a recorded run, again at the simulator over sockets', () => {
  let day: RecordedDay;
  beforeAll(async () => {
    day = await record('day', '--seed o --symbols BTC,ETH --to 2026-01-05T02:04');
  }, 180_000);

  it('default: without latency every decision, order and fill is the same', { timeout: 180_000 }, async () => {
    const [way, report] = await atSimulator(day, 0);
    expect(report).toMatchObject({ roots: [], unexplained: 0 });
    const { order, fill, position, conclusion, funding } = report.counts;
    expect([conclusion?.same, order?.same, fill?.same, position?.same]).toEqual([16, 16, 2, 2]);
    // That of two o'clock, which the venue tells as the paper venue does.
    expect(funding).toMatchObject({ left: 1, right: 1, same: 1 });
    const twice: readonly string[] = ['recommendation', 'decision'];
    expect(sameOf(report)).toEqual(
      decided.map((subject) => [subject, ...Array(3).fill(twice.includes(subject) ? 2 : 1)]),
    );
    // What differs is a fee rounded up to a millionth, an entry of ten decimals, and when the account was told.
    const reckoned = new Set(report.accounting.map(({ subject }) => subject));
    expect([...reckoned]).toEqual(expect.arrayContaining(['fill', 'position', 'account']));
    expect([...reckoned].filter((subject) => decided.some((other) => other === subject))).toEqual([]);
    // It went over the machine's network: an order is a request, what became of it a message.
    expect(way.wires.requests).toBeGreaterThan(200);
    expect(way.wires.messages).toBeGreaterThan(10);
  });

  it('behavior: with latency decisions are the same, and orders and fills later by no more', {
    timeout: 180_000,
  }, async () => {
    const [, report] = await atSimulator(day, 50);
    for (const [, left, right, same] of sameOf(report)) expect([right, same]).toEqual([left, left]);
    expect(report.causes).toEqual({ timing: 1 });
    expect(report.roots[0]).toMatchObject({ subject: 'order', latency: 'within' });
    const later = report.roots.flatMap(({ consequences }) => consequences);
    expect(new Set(later.map(({ subject }) => subject))).toEqual(new Set(['order', 'fill', 'funding']));
    // Funding comes over no socket: it is told with the next reading of the account, of its own instant.
    const [funding, ...others] = later.filter(({ latency }) => latency !== 'within');
    expect([funding?.subject, funding?.path, others]).toEqual(['funding', 'event.atMs', []]);
    expect(Number(funding?.right) - Number(funding?.left)).toBeLessThanOrEqual(60_000);
    // There and back, and before it there and back for leverage and margin mode: whole ways of 50 ms.
    expect(report.roots[0]).toMatchObject({ path: 'event.atMs' });
    const ways = (Number(report.roots[0]?.right) - Number(report.roots[0]?.left)) / 50;
    expect([Number.isInteger(ways), ways >= 4, ways <= 40]).toEqual([true, true, true]);
    expect(report).toMatchObject({ fillsWithinLatency: 2, unexplained: 0 });
  });

  it('error: a run that went on from another has its positions on paper', async () => {
    mkdirSync(place.file('went-on'));
    cpSync(place.file('day'), place.file('went-on'), { recursive: true });
    mkdirSync(place.file('went-on/recording/0001/start'));
    const wentOn = await readRecordedDay(place.file('went-on'), silentLogger);
    await expect(simulatorWay(wentOn, setting)).rejects.toMatchObject({ code: 'parity.not-repeatable' });
    const live = { ...day, settings: { ...day.settings, source: 'live' as const } };
    await expect(simulatorWay(live, setting)).rejects.toThrow(/was live: it can not be run again at the simulator\.$/);
  });
});

describe.skipIf(!existsSync(candles))('two recorded hours of shared/fixtures/candles/hyperliquid', () => {
  it('default: the same decisions, and fills of the same size and price, a stop within a bar among them', {
    timeout: 180_000,
  }, async () => {
    const day = await record(
      'fixture',
      `--replay ${candles} --symbols BTC --from 2025-07-22T18:40 --to 2025-07-22T19:59`,
    );
    const [way, report] = await atSimulator(day, 50);
    expect(sameOf(report)).toEqual(decided.map((subject) => [subject, 1, 1, 1]));
    expect(report.causes).toEqual({ timing: 1 });
    expect(report).toMatchObject({ unexplained: 0, fillsWithinLatency: 3 });
    const fillsOf = ({ journal }: Way) =>
      [...journal].flatMap((event) => (event.type === 'order.filled' ? [event.payload.fill] : []));
    const [ofPaper, ofSimulator] = [fillsOf(recordedWay(day)), fillsOf(way)];
    expect(ofSimulator.map(({ price, size }) => [price, size])).toEqual(
      ofPaper.map(({ price, size }) => [price, size]),
    );
    // The stop's trigger, less the assumed slippage: within the bar, not the mark of its end.
    expect(ofPaper.at(-1)).toMatchObject({ price: '119306', liquidity: 'taker' });
    for (const [index, { atMs }] of ofPaper.entries())
      expect(Math.abs(atMs - (ofSimulator[index]?.atMs ?? 0))).toBeLessThanOrEqual(2_000);
  });

  it('behavior: an entry that nobody filled is gone when the next plan is sized', { timeout: 180_000 }, async () => {
    const day = await record(
      'unfilled',
      `--replay ${candles} --symbols BTC --from 2025-07-25T00:40 --to 2025-07-25T01:39`,
    );
    const [, report] = await atSimulator(day, 50);
    expect(sameOf(report)).toEqual(decided.map((subject) => [subject, 2, 2, 2]));
    // The first plan's three limits were cancelled, of the second's all three were filled.
    const ends = (kind: string) => day.journal.filter(({ type }) => type === `order.${kind}`).length;
    expect([ends('canceled'), ends('filled')]).toEqual([3, 3]);
    expect(report).toMatchObject({ unexplained: 0, fillsWithinLatency: 3 });
    expect(report.causes).toEqual({ timing: 1 });
  });
});
