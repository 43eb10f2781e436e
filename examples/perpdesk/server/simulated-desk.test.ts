import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Decimal, SeededRandom } from '@perpdesk/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunReport } from './run-report.ts';
import { faultsOf, readDeskFiles } from './testing/desk-files.ts';
import { Workplace } from './testing/product.ts';

const place = new Workplace();
afterAll(() => place[Symbol.asyncDispose]());
const kills = 5;
const started = 'desk.started';

/** A desk that goes as fast as it can, so that a kill falls into work. */
const args = (directory: string): string[] =>
  `--headless --speed max --autonomy full-auto --seed c --data-dir ${directory}`.split(' ');

describe('a simulated desk', () => {
  it('behavior: killed at any moment it goes on, does nothing twice and loses nothing', {
    timeout: 120_000,
  }, async () => {
    const random = new SeededRandom('kill');
    const killed = [...args('killed'), '--symbols', 'BTC,ETH,SOL'];
    const instants: number[] = [];
    for (let run = 0; run < kills; run += 1) {
      const desk = place.start(killed);
      await desk.logged(started);
      // The machine's time: where in its work a kill hits a desk is what this is about.
      await pause(50 + random.next() * 900);
      const { error } = await desk.end('SIGKILL');
      expect(error).toBe('');
      instants.push(readDeskFiles(place.file('killed')).atMs);
    }
    expect(instants.toSorted((a, b) => a - b)).toEqual(instants);

    // Far enough for the first trades, however slow the machine was.
    const untilMs = Math.max(Date.UTC(2026, 0, 5, 0, 50), (instants.at(-1) ?? 0) + 600_000);
    const last = [...killed, '--to', String(untilMs), '--exit-at-end', '--report', 'report.json'];
    expect(await place.run(last)).toMatchObject({ code: 0, error: '' });
    const files = readDeskFiles(place.file('killed'));
    expect(faultsOf(files)).toEqual([]);
    expect(files.atMs).toBe(untilMs);
    expect(files.paper.fills.length).toBeGreaterThan(0);

    const report: RunReport = JSON.parse(readFileSync(place.file('report.json'), 'utf8'));
    const { equityStart, equityEnd, pnl, fees, funding } = report;
    expect(new Decimal(equityStart).plus(pnl).minus(fees).plus(funding).toFixed()).toBe(equityEnd);
    expect(report.positionsOpenAtStart + report.positionsOpened).toBe(report.positionsClosed + report.positionsOpen);
    expect(report.positionsOpen).toBe(files.paper.positions.length);
    expect(report).toMatchObject({ unprotectedPositions: 0, gaps: [], partialBars: 0 });
  });

  it('behavior: Ctrl-C ends it within two seconds, in the midst of rounds, with its page open', async () => {
    const desk = place.start([...args('ended').filter((flag) => flag !== '--headless'), '--port', '0']);
    const { url }: { url: string } = JSON.parse(await desk.logged(started));
    const stream = await fetch(`${url}/api/stream`);
    await pause(500);
    const before = performance.now();
    // A terminal sends it to npm as well, which sends it on.
    void desk.end('SIGINT');
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });
    expect(performance.now() - before).toBeLessThan(4_000);
    await stream.body?.cancel().catch(() => {});
    expect(faultsOf(readDeskFiles(place.file('ended')))).toEqual([]);
  });

  it('behavior: what the kill switch halted stays halted over restarts, until --rearm', {
    timeout: 120_000,
  }, async () => {
    const state = async (flags: readonly string[], act: (url: string) => Promise<unknown> = async () => {}) => {
      const served = [...args('halted').filter((flag) => flag !== '--headless'), '--symbols', 'BTC', '--port', '0'];
      const desk = place.start([...served, ...flags]);
      const { url }: { url: string } = JSON.parse(await desk.logged(started));
      await act(url);
      const status = (await (await fetch(`${url}/api/status`)).json()) as { readonly tradingState: string };
      expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });
      return status.tradingState;
    };
    const halt = (url: string) =>
      fetch(`${url}/api/kill-switch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ reason: 'enough' }),
      });
    expect(await state([], halt)).toBe('halted');
    expect(await state([])).toBe('halted');
    expect(await state(['--rearm'])).toBe('active');
  });

  it('behavior: --to ends a simulation, and the same seed gives the same run', { timeout: 60_000 }, async () => {
    const traded = ['--seed', 'd', '--symbols', 'BTC,ETH'];
    const until = ['--to', '2026-01-05T00:50', '--exit-at-end'];
    const runs = ['one', 'two'].map(async (name) => {
      const ended = await place.run([...args(name), ...traded, ...until, '--report', `${name}.json`]);
      expect(ended).toMatchObject({ code: 0, error: '' });
      return JSON.parse(readFileSync(place.file(`${name}.json`), 'utf8')) as RunReport;
    });
    const [one, two] = await Promise.all(runs);
    expect(one).toMatchObject({ source: 'simulated', rounds: 6, candles: 37 * 6 });
    expect(one?.positionsOpened).toBeGreaterThan(0);
    expect({ ...two, durationMs: 0 }).toEqual({ ...one, durationMs: 0 });
  });
});
