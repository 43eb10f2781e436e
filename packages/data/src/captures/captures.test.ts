import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { StoreError } from '@perpdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureFrame } from './capture-frame.ts';
import { readCryptofeedCapture } from './cryptofeed-capture.ts';
import { readHftbacktestCapture } from './hftbacktest-capture.ts';
import type { CaptureReader } from './read-capture.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const raw = join(fixtures, 'raw-ws');
const missing = existsSync(raw) ? '' : ` (skipped: no raw captures at ${fixtures})`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpdesk-capture-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function framesOf(reader: CaptureReader): Promise<CaptureFrame[]> {
  const frames: CaptureFrame[] = [];
  for await (const frame of reader) frames.push(frame);
  return frames;
}

function file(name: string, ...lines: readonly string[]): string {
  const path = join(directory, name);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const codeOf = async (reader: CaptureReader): Promise<string> => {
  try {
    await framesOf(reader);
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
  return 'none';
};

describe('captures', () => {
  it('default: reads a cryptofeed capture, what was asked, sent and received', async () => {
    const reader = readCryptofeedCapture(
      file(
        'a.gz',
        'https://x.com/depth?symbol=A -> 1626992741.301402: {"bids":[]}',
        'wss://x.com/ws <-> 1626992741.0',
        'wss://x.com/ws <- 1626992741.0815: {"op":"subscribe"}',
        '1626992741.081: {"a":"b: c"}',
        '1626992742: pong',
        'configuration: {"trades":[]}',
      ),
    );
    expect(await framesOf(reader)).toEqual([
      { receivedAtMs: 1626992741301, direction: 'response', url: 'https://x.com/depth?symbol=A', text: '{"bids":[]}' },
      { receivedAtMs: 1626992741081, direction: 'sent', url: 'wss://x.com/ws', text: '{"op":"subscribe"}' },
      { receivedAtMs: 1626992741081, direction: 'received', text: '{"a":"b: c"}' },
      { receivedAtMs: 1626992742000, direction: 'received', text: 'pong' },
    ]);
    expect(reader.report()).toEqual({ lines: 6, frames: 4, passed: 2, malformedCount: 0, malformed: [] });
  });

  it('default: reads an hftbacktest capture, packed or not', async () => {
    const lines = ['1723161255030999999 {"stream":"a@depth","data":{}}', '1723161255319702566 {"lastUpdateId":5}'];
    for (const name of ['a.gz', 'a.txt']) {
      expect(await framesOf(readHftbacktestCapture(file(name, ...lines)))).toEqual([
        { receivedAtMs: 1723161255030, direction: 'received', text: '{"stream":"a@depth","data":{}}' },
        { receivedAtMs: 1723161255319, direction: 'response', text: '{"lastUpdateId":5}' },
      ]);
    }
  });

  it('behavior: lines that are none are counted, the first hundred listed, the others read', async () => {
    const reader = readCryptofeedCapture(
      file('a', 'rubbish', '1626992741.5: {"cut":', '1626992741.5: {}', ...Array.from({ length: 200 }, () => '1: 2')),
    );
    expect(await framesOf(reader)).toEqual([{ receivedAtMs: 1626992741500, direction: 'received', text: '{}' }]);
    const report = reader.report();
    expect(report).toMatchObject({ lines: 203, frames: 1, passed: 0, malformedCount: 202 });
    expect(report.malformed).toHaveLength(100);
    expect(report.malformed.slice(0, 2)).toEqual([
      { line: 1, reason: 'it is no line of a cryptofeed capture' },
      { line: 2, reason: 'what follows its time is not JSON' },
    ]);
  });

  it('error: a file that is not there, one that was cut off', async () => {
    expect(await codeOf(readHftbacktestCapture(join(directory, 'none.gz')))).toBe('capture.unreadable');
    expect(await codeOf(readHftbacktestCapture(join(directory, 'none')))).toBe('capture.unreadable');
    const path = file('a.gz', ...Array.from({ length: 100 }, (_, i) => `172316125531970${1000 + i} {"i":${i}}`));
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    expect(await codeOf(readHftbacktestCapture(path))).toBe('capture.corrupt');
  });
});

describe.skipIf(missing !== '')(`the raw captures${missing}`, () => {
  it.each([
    ['cryptofeed/BINANCE_FUTURES.ws.1.0.gz', 1536],
    ['cryptofeed/BYBIT.ws.25.0.gz', 3361],
    ['cryptofeed/DYDX.ws.1.0.gz', 4754],
    ['cryptofeed/GATEIO_FUTURES.ws.1.0.gz', 473],
    ['cryptofeed/KRAKEN_FUTURES.ws.1.0.gz', 7179],
    ['cryptofeed/OKX.ws.1.0.gz', 414],
    ['binance-hftbacktest/cm/btcusd_perp_20240809.gz', 50116],
  ])('behavior: every line of %s is a frame', async (name, lines) => {
    const path = join(raw, name);
    const reader = name.startsWith('cryptofeed') ? readCryptofeedCapture(path) : readHftbacktestCapture(path);
    const frames = await framesOf(reader);
    const { passed, malformedCount, ...report } = reader.report();
    expect({ ...report, malformedCount }).toMatchObject({ lines, malformedCount: 0, frames: lines - passed });
    // What every line ends with, by no code of ours.
    const texts = gunzipSync(readFileSync(path))
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    const bodies = texts.filter((line) => /: [{[a-z]|^\d{19} /.test(line) && !/ <-> |^configuration/.test(line));
    expect(frames).toHaveLength(bodies.length);
    expect(frames.every((frame, i) => bodies[i]?.endsWith(frame.text))).toBe(true);
  });
});
