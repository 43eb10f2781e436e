import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Proposal, silentLogger } from '@perpdesk/core';
import { compareWays } from '@perpdesk/execution';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../testing/product.ts';
import { readRecordedDay } from './recorded-day.ts';
import { type DayParity, runParity } from './run-parity.ts';
import { rewriteFeed } from './testing/rewrite-feed.ts';
import { backtestWay, recordedWay, replayWay } from './ways-of-day.ts';

const place = new Workplace();
afterAll(() => place[Symbol.asyncDispose]());
const simulate = (directory: string, ...more: readonly string[]): string[] => [
  ...`--seed d --symbols BTC,ETH --data-dir ${directory} --record --exit-at-end`.split(' '),
  ...more,
];
const atMost = ['--headless', '--speed', 'max'];

/** Runs the newest recorded run of a directory again, as `--parity` does; the report as it is in its file. */
async function parity(directory: string): Promise<{ readonly text: string; readonly report: DayParity }> {
  const { report, text } = await runParity(place.file(directory), {
    speed: 'max',
    environment: {},
    logger: silentLogger,
  });
  return { text, report: JSON.parse(JSON.stringify(report)) };
}

/** A copy of the recorded day. */
function copyOf(name: string): string {
  cpSync(place.file('day'), place.file(name), { recursive: true });
  return name;
}

beforeAll(async () => {
  const run = await place.run(simulate('day', ...atMost, '--autonomy', 'full-auto', '--to', '2026-01-05T00:47'));
  expect(run).toMatchObject({ code: 0, error: '' });
}, 120_000);

describe('a recorded run that is run again', () => {
  it('default: nothing differs', { timeout: 120_000 }, async () => {
    const { code, error, out } = await place.run(['--parity', 'day', '--report', 'parity.json']);
    const last = out.trimEnd().split('\n').at(-1);
    expect({ code, error, last }).toEqual({ code: 0, error: '', last: 'No difference.' });
    const report: DayParity = JSON.parse(readFileSync(place.file('parity.json'), 'utf8'));
    expect(report).toMatchObject({ source: 'simulated', same: true, roots: [], unexplained: 0, damaged: 0, lost: 0 });
    // Enough happened for this to mean something.
    expect(report.counts.bar?.same).toBeGreaterThan(50);
    expect(report.counts.conclusion?.same).toBeGreaterThan(5);
    expect(report.counts.decision?.same).toBeGreaterThan(0);
    expect(report.counts.fill?.same).toBeGreaterThan(0);
  });

  it('behavior: one byte of a segment that is another is the one root', { timeout: 120_000 }, async () => {
    const copy = copyOf('damaged');
    const segment = place.file(join(copy, 'recording/0001/feed/segment-000001.jsonl.gz'));
    const bytes = readFileSync(segment);
    const at = Math.floor(bytes.length / 3);
    writeFileSync(segment, bytes.fill((bytes[at] ?? 0) ^ 0xff, at, at + 1));
    const { report } = await parity(copy);
    expect(report).toMatchObject({ damaged: 1, causes: { 'market-data': 1 }, unexplained: 0 });
    expect(report.roots[0]).toMatchObject({ subject: 'feed', kind: 'missing-right', cause: 'market-data' });
    expect(report.roots[0]?.detail).toBe('Market data was lost: segment-000001.jsonl.gz: a block does not check.');
  });

  it('behavior: one bar with another price is the one root of all that it changed', { timeout: 120_000 }, async () => {
    const copy = copyOf('edited');
    const openAtMs = Date.UTC(2026, 0, 5, 0, 26);
    let edited = 0;
    await rewriteFeed(place.file(copy), (step) => ({
      ...step,
      observations: step.observations.map((seen) => {
        if (seen.kind !== 'candle' || seen.candle.openAtMs !== openAtMs) return seen;
        if (seen.candle.instrumentId !== 'ETH-PERP@hyperliquid') return seen;
        edited += 1;
        return { ...seen, candle: { ...seen.candle, high: seen.candle.high * 1.02 } };
      }),
    }));
    expect(edited).toBe(1);
    const { report } = await parity(copy);
    expect(report).toMatchObject({ damaged: 0, causes: { 'market-data': 1 }, unexplained: 0 });
    expect(report.roots).toHaveLength(1);
    expect(report.roots[0]).toMatchObject({
      subject: 'bar',
      id: `ETH-PERP@hyperliquid:5m:${Date.UTC(2026, 0, 5, 0, 30)}`,
      kind: 'differs',
      path: 'high',
      cause: 'market-data',
    });
    const followed = new Set(report.roots[0]?.consequences.map(({ subject }) => subject));
    // It is in the quarter of an hour's bar, in what agents make of it, and in the round.
    expect([...followed]).toEqual(expect.arrayContaining(['bar', 'opinion', 'turn']));
  });

  it('behavior: other limits are the one root of all that they changed', { timeout: 120_000 }, async () => {
    const copy = copyOf('limited');
    const settings = place.file(join(copy, 'recording/0001/day.json'));
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('"intermediate"', '"beginner"'));
    const { report, text } = await parity(copy);
    expect(report).toMatchObject({ causes: { 'risk-input': 1 }, unexplained: 0 });
    expect(report.roots[0]).toMatchObject({ subject: 'decision', kind: 'differs' });
    expect(report.roots[0]?.path).toMatch(/^steps\[\d\]/);
    const followed = new Set(report.roots[0]?.consequences.map(({ subject }) => subject));
    expect([...followed]).toEqual(expect.arrayContaining(['signal', 'order', 'fill', 'position', 'account']));
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 roots (risk-input 1), 0 unexplained.');
  });

  // It waits for a clock most of its time: the next ones go on beside it.
  it.concurrent('behavior: through backtest and replay at 100×, decisions and fills are the same', {
    timeout: 180_000,
  }, async () => {
    const day = await readRecordedDay(place.file('day'), silentLogger);
    const options = { speed: 100, environment: {}, logger: silentLogger };
    const ways = [recordedWay(day), await backtestWay(day), await replayWay(day, options)];
    const reports = compareWays(ways);
    expect(reports.map(({ name, roots }) => ({ name, roots }))).toEqual([
      { name: 'backtest', roots: [] },
      { name: 'replay at 100', roots: [] },
    ]);
    for (const { counts } of reports) expect(counts.fill?.same).toBeGreaterThan(0);
  });

  it.concurrent('behavior: a desk that goes on is run again from where it stood', { timeout: 180_000 }, async () => {
    const copy = copyOf('went-on');
    const run = await place.run(simulate(copy, ...atMost, '--autonomy', 'full-auto', '--to', '2026-01-05T01:32'));
    expect(run).toMatchObject({ code: 0, error: '' });
    const { report } = await parity(copy);
    const { recording, roots, unexplained } = report;
    expect({ roots, unexplained, last: recording.endsWith('0002') }).toEqual({ roots: [], unexplained: 0, last: true });
    expect(report.counts.conclusion?.same).toBeGreaterThan(5);
  });

  it.concurrent('behavior: a run that was killed is compared as far as its feed was written', {
    timeout: 180_000,
  }, async () => {
    const desk = place.start(simulate('killed', ...atMost, '--autonomy', 'full-auto'));
    const feed = place.file('killed/recording/0001/feed/segment-000001.jsonl.gz');
    // Blocks of about 15 simulated seconds each: some minutes are on disk by then.
    while (!existsSync(feed) || statSync(feed).size < 900_000) await pause(50);
    await desk.end('SIGKILL');
    const { report } = await parity('killed');
    expect(report).toMatchObject({ roots: [], unexplained: 0 });
    expect(report.counts.conclusion?.same).toBeGreaterThan(4);
  });

  it.concurrent('behavior: what the user did is done again at its place', { timeout: 180_000 }, async () => {
    const desk = place.start(simulate('acts', '--port', '0', '--speed', '300', '--autonomy', 'suggest'));
    const { url }: { url: string } = JSON.parse(await desk.logged('desk.started'));
    // Each on a connection of its own: on a machine that is busy the server ends one that was kept, just as it is used again.
    const connection = 'close';
    const get = async (route: string) => (await fetch(`${url}/api${route}`, { headers: { connection } })).json();
    const post = async (route: string, body: object): Promise<{ readonly outcome?: string }> => {
      const headers = { connection, 'content-type': 'application/json', origin: url };
      const answer = await fetch(`${url}/api${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as { readonly outcome?: string };
    };
    const until = async <Found>(look: () => Promise<Found | undefined>): Promise<Found> => {
      for (let tries = 0; tries < 400; tries += 1) {
        const found = await look();
        if (found !== undefined) return found;
        // Simulated time goes on with the machine's: there is nothing to wait on but it.
        await pause(25);
      }
      throw new Error('It did not come to be.');
    };
    type Approval = { readonly signal: { readonly id: string }; readonly contentHash: string };
    const held = await until(async () => {
      for (const { signal, contentHash } of (await get('/approvals')) as Approval[])
        await post(`/approvals/${encodeURIComponent(signal.id)}/approve`, { contentHash });
      const [position] = (await get('/positions')) as { readonly venue: string; readonly instrumentId: string }[];
      return position;
    });
    const { venue, instrumentId } = held;
    // Half of it by the chat.
    await post('/chat', { text: `close half of my ${instrumentId.replace(/-PERP@.*/, '')} position` });
    const [proposal] = (await get('/proposals')) as Proposal[];
    const { id, contentHash } = proposal ?? {};
    expect(await post(`/proposals/${id}/approve`, { contentHash })).toMatchObject({ status: 'done' });
    expect(await post('/positions/close', { venue, instrumentId, fraction: 1 })).toMatchObject({ outcome: 'accepted' });
    expect(await post('/kill-switch', { reason: 'enough' })).toMatchObject({ outcome: 'halted' });
    await pause(300);
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });

    const { report } = await parity('acts');
    expect(report).toMatchObject({ roots: [], unexplained: 0 });
    expect(report.counts['trading-state']).toMatchObject({ same: 1 });
    expect(report.counts.approval?.same).toBeGreaterThan(1);
    expect(report.counts.position?.same).toBeGreaterThan(1);

    // Without what the user did: that is what is named.
    const acts = place.file('acts/recording/0001/acts.jsonl');
    writeFileSync(
      acts,
      readFileSync(acts, 'utf8')
        .split('\n')
        .filter((line) => !line.includes('"close"'))
        .join('\n'),
    );
    const without = await parity('acts');
    expect(without.report.roots.find(({ subject }) => subject === 'order')).toMatchObject({ cause: 'user-action' });
  });
});

describe('--parity', () => {
  it('error: a directory without a recording, and flags that would make it another run', async () => {
    const none = await place.run(['--parity', 'nothing-here']);
    expect(none.code).toBe(1);
    expect(none.error).toBe(
      'perpdesk: nothing-here holds no recorded run: start the desk with --record, and give --parity its data directory.\n',
    );
    const other = await place.run(['--parity', 'day', '--seed', 'd']);
    expect(other).toMatchObject({
      code: 2,
      error: 'perpdesk: --seed does not go with --parity, which repeats a run as it was.\n',
    });
  });
});
