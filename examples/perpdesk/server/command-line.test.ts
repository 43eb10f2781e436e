import { mkdirSync, writeFileSync } from 'node:fs';
import { migrate, openDatabase } from '@perpdesk/core/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, Workplace } from './testing/product.ts';
import { writeRecording } from './testing/recording.ts';

const place = new Workplace();
beforeAll(async () => {
  await writeRecording(place.file('recording'), { seed: 'mistakes', markets: ['BTC'], days: 1 });
  mkdirSync(place.file('empty'));
  mkdirSync(place.file('unreadable'));
  writeFileSync(
    place.file('unreadable/BTC-USDC-PERP_1m-ohlcv.csv'),
    't_open_ms,open,high,low,close,volume\nx,1,1,1,1,1\n',
  );
  writeFileSync(place.file('file'), '');
  mkdirSync(place.file('corrupt'));
  writeFileSync(place.file('corrupt/market.db'), 'this is no database, however long one looks at it'.repeat(100));
});
afterAll(() => place[Symbol.asyncDispose]());

/** A mistake is answered in one line on standard error, with nothing run and no stack. */
function expectOneLine(ended: Ended, code: 1 | 2, message: string): void {
  expect(ended.error).toBe(`perpdesk: ${message}\n`);
  expect(ended).toMatchObject({ code, out: '' });
}

describe.concurrent('the command line', () => {
  it('default: --help tells the options', async () => {
    const { code, out, error } = await place.run(['--help']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toContain('Usage: npm start -- [options]');
  });

  it.each<[string, 1 | 2, string[], (path: (name: string) => string) => string]>([
    ['an unknown flag', 2, ['--sorce', 'live'], () => "Unknown option '--sorce'. See --help."],
    ['no such recording', 1, ['--replay', 'nowhere'], () => 'The directory to replay, nowhere, is not there.'],
    [
      'an empty recording',
      1,
      ['--replay', 'empty'],
      () => 'empty holds no recordings of a known format (hyperliquid, lean, usd-volume).',
    ],
    [
      'a recording without a readable row',
      1,
      ['--replay', 'unreadable'],
      () =>
        'unreadable holds no 1m candles to replay; rows that can not be read: 1, the first in BTC-USDC-PERP_1m-ohlcv.csv line 2: the time is not a time.',
    ],
    [
      'a market that was not recorded',
      1,
      ['--replay', 'recording', '--symbols', 'DOGE'],
      () => 'recording holds no DOGE-PERP; it holds BTC-PERP.',
    ],
    [
      'a time that was not recorded',
      1,
      ['--replay', 'recording', '--from', '2030-01-01'],
      () => 'recording holds no 1m candles to replay in the time asked for.',
    ],
    [
      'a market that is not simulated',
      1,
      ['--source', 'simulated', '--symbols', 'DOGE,PEPE', '--data-dir', 'other'],
      () => 'The simulator has no PEPE-PERP; it has BTC-PERP, ETH-PERP, SOL-PERP, XRP-PERP, DOGE-PERP.',
    ],
    [
      'a report that can not be written, told before the run',
      1,
      ['--report', 'nowhere/report.json'],
      () => 'The report nowhere/report.json can not be written: its folder is not there.',
    ],
    [
      'a file in the way of the data',
      1,
      ['--source', 'simulated', '--data-dir', 'file'],
      (path) => `The data directory ${path('file')} can not be written: a file of that name is there.`,
    ],
    [
      'a database that is none',
      1,
      ['--source', 'simulated', '--data-dir', 'corrupt'],
      (path) => `The database ${path('corrupt/market.db')} is damaged or no database: file is not a database`,
    ],
  ])('error: %s', async (_what, code, args, message) => {
    expectOneLine(
      await place.run(['--headless', ...args]),
      code,
      message((name) => place.file(name)),
    );
  });

  it('error: a model address that is none, which is not repeated', async () => {
    const environment = { OPENAI_API_KEY: 'sk-0123456789', OPENAI_BASE_URL: 'user:hidden@host' };
    expectOneLine(
      await place.run(['--headless'], environment),
      1,
      'OPENAI_BASE_URL is not an address such as http://127.0.0.1:11434/v1.',
    );
  });
});

describe('a data directory', () => {
  const path = place.file('data');
  const args = ['--data-dir', 'data', '--headless'];
  // One market: its past is made up sooner than that of five.
  const simulated = ['--source', 'simulated', '--symbols', 'BTC'];

  it('behavior: while a desk runs, neither its directory nor its port can be taken', async () => {
    const desk = place.start([...simulated, '--data-dir', 'data', '--port', '0']);
    await desk.logged('desk.started');
    const line: { msg: string; url: string } = JSON.parse(desk.firstLine());
    expect(line.msg).toMatch(/^A simulated market \(seed "perpdesk"\) at 60×; no price in it is real\./);
    const { port } = new URL(line.url);
    const [second, third] = await Promise.all([
      place.run([...simulated, ...args]),
      place.run([...simulated, '--data-dir', 'other', '--port', port]),
    ]);
    expect(second.error).toMatch(
      new RegExp(
        `^perpdesk: The data directory ${path} is in use by process \\d+; stop it or use another --data-dir\\.\n$`,
      ),
    );
    expect(third.error).toBe(
      `perpdesk: Port ${port} is in use; choose another with --port, or --port 0 for a free one.\n`,
    );
    expect([second.code, third.code]).toEqual([1, 1]);
    expect(await desk.end('SIGTERM')).toMatchObject({ code: 0, error: '' });
  });

  it('error: a replay does not begin in the directory of a desk, nor another simulation', async () => {
    const [replay, other] = await Promise.all([
      place.run([...args, '--replay', 'recording']),
      place.run([...args.with(1, 'other'), '--symbols', 'BTC', '--seed', 'another']),
    ]);
    expectOneLine(replay, 1, `${path} holds a desk already, and a replay begins anew: choose an empty --data-dir.`);
    expect(other.code).toBe(1);
    expect(other.error).toMatch(
      /^perpdesk: .*other holds another simulation\. .* Choose another --data-dir, or the seed and symbols it was made with\.\n$/,
    );
  });

  it('error: a database of a newer version', async () => {
    {
      await using database = await openDatabase({ url: `sqlite:${path}/desk.db` });
      const up = async (): Promise<void> => {};
      const steps = ['0001-outbox', '9999-tomorrow'].map((name) => ({ name, up }));
      await migrate(database, { namespace: 'outbox', migrations: steps });
    }
    const message = `The database ${path}/desk.db was made by a newer version: it has the step outbox/9999-tomorrow.`;
    expectOneLine(await place.run([...simulated, ...args]), 1, message);
  });
});
