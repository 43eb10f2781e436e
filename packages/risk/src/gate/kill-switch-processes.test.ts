import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DurableTradingSwitch } from '../switch/durable-trading-switch.ts';
import { longestLeaseMs, SharedLease } from '../switch/shared-lease.ts';
import { DatabaseLink } from '../testing/database-link.ts';
import { FakeDesk, orderId, orderNumber } from '../testing/fake-desk.ts';

const child = fileURLToPath(new URL('../testing/submitter-child.ts', import.meta.url));
const clock = new SystemClock();

/** What a process did in all. */
interface Report {
  readonly sent: number;
  readonly lastAtMs: number;
  readonly code: string;
}

/** A process of its own that submits all the time. */
class Submitter {
  readonly #running;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string, directory: string) {
    const args = ['--conditions=@perpdesk/source', '--no-warnings', child, url, directory];
    this.#running = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#running.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when it says that it is now running or refusing. */
  async until(now: 'running' | 'refusing'): Promise<void> {
    for (;;) if ((await this.#next()).now === now) return;
  }

  tell(command: 'cut' | 'end'): void {
    this.#running.stdin.write(`${command}\n`);
  }

  /** Goes on for a while, so that an order which comes late is seen, then ends and tells. */
  async report(): Promise<Report> {
    await clock.sleep(1_500);
    this.tell('end');
    for (;;) {
      const said = await this.#next();
      if (said.sent !== undefined) return said as unknown as Report;
    }
  }

  kill(): void {
    this.#running.kill('SIGKILL');
  }

  async #next(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('The other process has ended.');
    return JSON.parse(value);
  }
}

const [file, , postgres] = await testDatabases();

describe.each([file, postgres].flatMap((kind) => kind ?? []))(
  'the kill switch and another process on $title',
  ({ available, make, title }) => {
    let directory: string;
    let shared: TestDatabase;
    let links: DatabaseLink[];
    let begun: { stop(): Promise<void> }[];
    beforeEach(async () => {
      if (!available) return;
      directory = mkdtempSync(join(tmpdir(), 'perpdesk-kill-'));
      shared = await make();
      links = [];
      begun = [];
    });
    afterEach(async () => {
      if (!available) return;
      for (const link of links) await link.mend();
      for (const each of begun.reverse()) await each.stop();
      for (const link of links) await link.cut();
      await shared.drop();
      rmSync(directory, { recursive: true, force: true });
    });

    /** The database by a way of its own where there is a network between. */
    const way = async (): Promise<{ readonly url: string; readonly link?: DatabaseLink }> => {
      if (file?.title === title) return { url: shared.url };
      const link = await DatabaseLink.open(shared.url);
      links.push(link);
      return { url: link.url, link };
    };

    /** This process: a switch, a lease, and a gate on its own way to the database. */
    const ours = async () => {
      const { url, link } = await way();
      const database = await openDatabase({ url });
      const tradingSwitch = new DurableTradingSwitch({ clock, directory: join(directory, 'ours'), database });
      await tradingSwitch.start();
      const lease = new SharedLease({ clock, source: tradingSwitch });
      await lease.start();
      begun.push({ stop: () => database.close() }, tradingSwitch, lease);
      const desk = new FakeDesk();
      for (let n = 0; n < 1_000; n += 1) desk.add({ id: `user-${n}` });
      const brix = desk.brix({ clock, tradingSwitch, lease: () => lease.held() });
      const cut = (): Promise<void> => link?.cut() ?? database.close();
      return { tradingSwitch, brix, link, cut };
    };

    const theirs = async () => {
      const { url, link } = await way();
      const submitter = new Submitter(url, join(directory, 'theirs'));
      begun.push({ stop: async () => submitter.kill() });
      const cut = async (): Promise<void> => (link === undefined ? submitter.tell('cut') : link.cut());
      return { submitter, link, cut };
    };

    /** A failure tells what was measured. */
    const expectCeased = (report: Report, sinceMs: number): void => {
      const tookMs = report.lastAtMs - sinceMs;
      expect(report.sent).toBeGreaterThan(10);
      expect(tookMs, `the last of ${report.sent} orders left ${tookMs} ms after`).toBeLessThanOrEqual(longestLeaseMs);
    };

    it.skipIf(!available)(
      'default: with data directories of their own, the other lets nothing pass 2 s after the halt',
      async () => {
        const { tradingSwitch } = await ours();
        const { submitter } = await theirs();
        await submitter.until('running');
        const haltedAtMs = clock.nowMs();
        await tradingSwitch.set('operator', 'halted', 'Kill switch.');
        await submitter.until('refusing');
        const report = await submitter.report();
        expect(report.code).toBe('trading.halted');
        expectCeased(report, haltedAtMs);
      },
      60_000,
    );

    it.skipIf(!available)(
      'behavior: the other was cut off before the halt: it stops by itself within 2 s',
      async () => {
        const { tradingSwitch } = await ours();
        const { submitter, cut } = await theirs();
        await submitter.until('running');
        const cutAtMs = clock.nowMs();
        await cut();
        await tradingSwitch.set('operator', 'halted', 'Kill switch.');
        await submitter.until('refusing');
        const report = await submitter.report();
        expect(report.code).toBe('lease.missing');
        expectCeased(report, cutAtMs);
      },
      60_000,
    );

    it.skipIf(!available)(
      'behavior: the halting process is cut off: the halt holds there at once, and in the other within 2 s',
      async () => {
        const { tradingSwitch, brix, cut } = await ours();
        const { submitter } = await theirs();
        await submitter.until('running');
        const asked = Array.from({ length: 1_000 }, (_, n) =>
          brix.authorize(orderNumber(n, { userId: `user-${n}`, clientOrderId: orderId(n) })),
        );
        expect(await asked[0]).toMatchObject({ outcome: 'approved' });
        await cut();
        const haltedAtMs = clock.nowMs();
        const durable = tradingSwitch.set('operator', 'halted', 'Kill switch.');
        expect(tradingSwitch.state([])).toBe('halted');
        const left = Array.from({ length: 1_000 }, (_, n) => n).filter(
          (n) => brix.mayLeave(orderNumber(n, { userId: `user-${n}` })) === undefined,
        );
        expect(left).toEqual([]);
        expect(await brix.authorize(orderNumber(1_001, { userId: 'user-1' }))).toMatchObject({
          rejection: { code: 'trading.halted' },
        });
        await Promise.all(asked);
        await durable;
        await submitter.until('refusing');
        const report = await submitter.report();
        expect(report.code).toBe('lease.missing');
        expectCeased(report, haltedAtMs);
      },
      60_000,
    );

    // A file is never cut off for a while.
    if (file?.title === title) return;

    it.skipIf(!available)(
      'behavior: the way of the halting process is mended: the other learns of the halt and lets nothing pass in between',
      async () => {
        const { tradingSwitch, cut, link } = await ours();
        const { submitter } = await theirs();
        await submitter.until('running');
        await cut();
        const haltedAtMs = clock.nowMs();
        await tradingSwitch.set('operator', 'halted', 'Kill switch.');
        await submitter.until('refusing');
        await link?.mend();
        const report = await submitter.report();
        expect(report.code).toBe('trading.halted');
        expectCeased(report, haltedAtMs);
      },
      60_000,
    );

    it.skipIf(!available)(
      'behavior: the database stops for both and comes back to the other first: nothing passes in between',
      async () => {
        const mine = await ours();
        const { submitter, link } = await theirs();
        await submitter.until('running');
        const cutAtMs = clock.nowMs();
        await Promise.all([mine.cut(), link?.cut()]);
        await mine.tradingSwitch.set('operator', 'halted', 'Kill switch.');
        await submitter.until('refusing');
        await link?.mend();
        await clock.sleep(1_000);
        await mine.link?.mend();
        const report = await submitter.report();
        expect(report.code).toBe('trading.halted');
        expectCeased(report, cutAtMs);
      },
      60_000,
    );

    it.skipIf(!available)(
      'behavior: a database that hangs: the call returns, the halt is kept, the other stops within 2 s',
      async () => {
        const { tradingSwitch, link } = await ours();
        const { submitter } = await theirs();
        await submitter.until('running');
        link?.freeze();
        const haltedAtMs = clock.nowMs();
        await tradingSwitch.set('user:bob', 'halted', 'Daily loss.');
        await tradingSwitch.set('operator', 'halted', 'Kill switch.');
        const again = new DurableTradingSwitch({ clock, directory: join(directory, 'ours') });
        await again.start();
        expect(again.state([])).toBe('halted');
        await submitter.until('refusing');
        await link?.mend();
        const report = await submitter.report();
        expect(report.code).toBe('trading.halted');
        expectCeased(report, haltedAtMs);
      },
      60_000,
    );
  },
);
