import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@perpdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplaySource } from './replay-source.ts';
import {
  candleHeader,
  collectSteps,
  csv,
  fundingHeader,
  ofKind,
  packed,
  RecordingFolder,
  risingRows,
} from './testing/recording-folder.ts';

const minuteMs = 60_000;
const noon = Date.UTC(2025, 6, 21, 12);
const minutes = 'BTC-USDC-PERP_1m-ohlcv.csv';

let folder: RecordingFolder;
beforeEach(() => {
  folder = new RecordingFolder();
});
afterEach(() => folder.remove());

const replay = (options: Partial<ConstructorParameters<typeof ReplaySource>[0]> = {}) =>
  new ReplaySource({ directory: folder.path, ...options });

async function refusal(source: ReplaySource): Promise<string> {
  try {
    await source.instruments();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).toMatch(/^[^\n]+\.$/);
    return `${error.code}: ${error.message.replaceAll(folder.path, 'DIR')}`;
  }
  return 'none';
}

describe('ReplaySource on bad rows', () => {
  const [good = '', next = '', third = '', fourth = ''] = risingRows(noon, minuteMs, 4);

  it.each([
    ['too few fields', `${noon},1,2,1,1`, '6 fields are expected, there are 5'],
    ['too many fields', `${noon},1,2,1,1,1,1`, '6 fields are expected, there are 7'],
    ['a word for a price', `${noon},1,2,1,one,1`, 'a price or the volume is not a number'],
    ['an empty volume', `${noon},1,2,1,1,`, 'a price or the volume is not a number'],
    ['an infinite price', `${noon},1,Infinity,1,1,1`, 'a price or the volume is not a number'],
    ['a hexadecimal price', `${noon},0x10,17,1,1,1`, 'a price or the volume is not a number'],
    ['a high below the low', `${noon},1,1,2,1,1`, 'the high 1 is below the low 2'],
    ['a close above the high', `${noon},1,2,1,3,1`, 'the open or close is outside low to high'],
    ['a negative price', `${noon},-1,2,-1,1,1`, 'the low -1 is not above zero'],
    ['a price of zero', `${noon},0,0,0,0,1`, 'the low 0 is not above zero'],
    ['a negative volume', `${noon},1,2,1,1,-4`, 'the volume -4 is negative'],
    ['seconds for milliseconds', `${noon / 1000},1,2,1,1,1`, `the time ${noon / 1000} is absurd`],
    ['a far future', '99999999999999,1,2,1,1,1', 'the time 99999999999999 is absurd'],
    ['a time between minutes', `${noon + 1},1,2,1,1,1`, `the time ${noon + 1} is not a multiple of 60000 ms`],
    ['a word for a time', 'noon,1,2,1,1,1', 'the time is not a time'],
    ['a quoted number', `"${noon}",1,2,1,1,1`, 'the time is not a time'],
  ])('behavior: reports %s with file and line and goes on', async (_, row, reason) => {
    folder.write(minutes, csv(candleHeader, good, row, next));
    const source = replay();
    await source.instruments();
    expect(source.report()).toMatchObject({
      candles: 2,
      malformed: [{ file: minutes, line: 3, reason }],
      malformedCount: 1,
    });
    expect(ofKind(await collectSteps(source), 'candle')).toHaveLength(2);
  });

  it('behavior: every row is a candle, a duplicate, a conflict or malformed', async () => {
    folder.write(minutes, csv(candleHeader, good, next, next, next.replace(/10$/, '11'), fourth, third, '', 'rubbish'));
    const source = replay();
    const candles = ofKind(await collectSteps(source), 'candle').map(
      (seen) => (seen.candle.openAtMs - noon) / minuteMs,
    );
    expect(candles).toEqual([0, 1, 2, 3]);
    const report = source.report();
    expect(report).toMatchObject({ candles: 4, duplicates: 1, conflicts: 1, outOfOrder: 1, malformedCount: 1 });
    expect(report.findings).toEqual([
      {
        file: minutes,
        line: 7,
        reason: `its time ${noon + 2 * minuteMs} is before ${noon + 3 * minuteMs}, which stands above it`,
      },
      { file: minutes, line: 5, reason: 'line 3 has other values for the same time and is kept' },
    ]);
    expect(report.notes).toEqual([`${minutes} holds 1 duplicate row.`]);
  });

  it('behavior: two files of one series are one series', async () => {
    folder
      .write(`a/${minutes}`, csv(candleHeader, good, next))
      .write(`b/${minutes}.gz`, csv(candleHeader, next, third.replace(/10$/, '11')))
      .write(`c/${minutes}`, csv(candleHeader, third));
    const source = replay();
    await source.instruments();
    expect(source.report()).toMatchObject({ candles: 3, duplicates: 1, conflicts: 1, outOfOrder: 0 });
    expect(source.report().findings).toEqual([
      {
        file: `c/${minutes}`,
        line: 2,
        reason: `b/${minutes}.gz line 3 has other values for the same time and is kept`,
      },
    ]);
  });

  it('behavior: bad funding and quote rows are reported too', async () => {
    folder
      .write(minutes, csv(candleHeader, good))
      .write('BTC-USDC-PERP_1h-funding_rate.csv', csv(fundingHeader, `${noon},x`, `${noon},12`, `-5,0.1`))
      .write('bybit/minute/btcusdt/20250721_trade.zip', csv('0,1,2,1,1,5'))
      .write('bybit/minute/btcusdt/20250721_quote.zip', csv('0,2,2,2,2,1,2,2,2,1,1', '86400000,1,1,1,1,1,2,2,2,2,1'));
    const source = replay();
    await source.instruments();
    expect(source.report().malformed.map((row) => row.reason)).toEqual([
      'the bid 2 is not between zero and the ask 1',
      'the time 86400000 ms is not inside a day',
      'the rate is not a number',
      'the rate 12 is absurd',
      'the time -5 is absurd',
    ]);
  });

  it('behavior: a file of rubbish is listed for its first rows and counted whole', async () => {
    folder
      .write(minutes, csv(candleHeader, good))
      .write('ETH-USDC-PERP_1m-ohlcv.csv', csv(...Array.from({ length: 250 }, () => '1,2')));
    const source = replay();
    await source.instruments();
    expect(source.report().malformed).toHaveLength(100);
    expect(source.report().malformedCount).toBe(250);
  });

  it('behavior: windows line ends, a byte order mark and a missing header are read', async () => {
    folder.write(minutes, `\uFEFF${[candleHeader, good, next].join('\r\n')}\r\n`);
    const source = replay();
    await source.instruments();
    expect(source.report()).toMatchObject({ candles: 2, malformedCount: 0 });
    folder.write(minutes, csv(good, next, third));
    const without = replay();
    await without.instruments();
    expect(without.report().candles).toBe(3);
  });
});

describe('ReplaySource on bad files', () => {
  const whole = csv(candleHeader, ...risingRows(noon, minuteMs, 500));

  it('behavior: an empty file is reported, unknown files are listed', async () => {
    folder
      .write(minutes, whole)
      .write('ETH-USDC-PERP_1m-ohlcv.csv', '')
      .write('AVAX-USDC-PERP_1m-ohlcv.csv', csv(candleHeader))
      .write('README.md', '# x')
      .write('a/.DS_Store', 'x');
    const source = replay();
    expect(await source.instruments()).toHaveLength(1);
    const report = source.report();
    expect(report.ignoredFiles).toEqual(['README.md', 'a/.DS_Store']);
    expect(report.malformed).toEqual(
      ['AVAX', 'ETH'].map((base) => ({
        file: `${base}-USDC-PERP_1m-ohlcv.csv`,
        line: 1,
        reason: 'the file holds no rows',
      })),
    );
  });

  it('error: a gzip or zip file that is cut off or is something else', async () => {
    const cut = (name: string) => packed(name, whole).subarray(0, 200);
    folder.write(`${minutes}.gz`, cut('x.gz'));
    expect(await refusal(replay())).toBe(`replay.corrupt: The file ${minutes}.gz is not a whole gzip file.`);
    folder.write(`${minutes}.gz`, new TextEncoder().encode(whole));
    expect(await refusal(replay())).toBe(`replay.corrupt: The file ${minutes}.gz is not a whole gzip file.`);
    folder.remove();
    const zip = 'bybit/minute/btcusdt/20250721_trade.zip';
    folder.write(zip, cut('x.zip'));
    expect(await refusal(replay())).toBe(`replay.corrupt: The file ${zip} is not a whole zip file.`);
  });

  it('error: an empty directory, none, a file, a folder without known files', async () => {
    const known = 'of a known format (hyperliquid, lean, usd-volume)';
    expect(await refusal(replay())).toBe(`replay.empty: DIR holds no recordings ${known}.`);
    folder.write('notes.txt', 'x');
    expect(await refusal(replay())).toBe(`replay.empty: DIR holds no recordings ${known}.`);
    expect(await refusal(replay({ directory: join(folder.path, 'none') }))).toBe(
      'replay.directory: The directory to replay, DIR/none, is not there.',
    );
    expect(await refusal(replay({ directory: join(folder.path, 'notes.txt') }))).toBe(
      'replay.directory: DIR/notes.txt is not a directory; a replay needs one.',
    );
  });

  it('error: a file that can not be opened', async () => {
    symlinkSync(join(folder.path, 'gone'), join(folder.path, minutes));
    expect(await refusal(replay())).toBe(`replay.unreadable: The file ${minutes} can not be read.`);
  });

  it('error: other columns than the name promises', async () => {
    folder.write(minutes, csv('time,o,h,l,c,v', `${noon},1,2,1,1,1`));
    expect(await refusal(replay())).toBe(
      `replay.header: The file ${minutes} line 1 should read ${candleHeader}, it reads time,o,h,l,c,v.`,
    );
  });

  it('error: nothing to replay, a market that is not there, two symbols of one instrument', async () => {
    folder.write(minutes, whole);
    expect(await refusal(replay({ fromMs: noon + 86_400_000 }))).toBe(
      'replay.no-candles: DIR holds no 1m candles to replay in the time asked for.',
    );
    expect(await refusal(replay({ markets: ['SOL-PERP'] }))).toBe(
      'replay.market: DIR holds no SOL-PERP; it holds BTC-PERP.',
    );
    folder.write(minutes, csv(candleHeader, '1,2', '1,3')).write('BTC-USDC-PERP_5m-ohlcv.csv', csv(candleHeader));
    expect(await refusal(replay())).toBe(
      `replay.no-candles: DIR holds no 1m candles to replay; rows that can not be read: 3, the first in ${minutes} line 2: 6 fields are expected, there are 2.`,
    );
    folder.write('BTC-USDT-PERP_1m-ohlcv.csv', whole);
    expect(await refusal(replay())).toBe(
      'replay.ambiguous: DIR holds both BTC-USDC and BTC-USDT as BTC-PERP@hyperliquid; replay them apart.',
    );
  });

  it('behavior: a folder named like a file is a folder, and a failed read can be tried again', async () => {
    mkdirSync(join(folder.path, minutes));
    const source = replay();
    expect(await refusal(source)).toContain('replay.empty');
    folder.write(`${minutes}/${minutes}`, whole);
    expect(await source.instruments()).toHaveLength(1);
  });
});
