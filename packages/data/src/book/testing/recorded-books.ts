import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { BookDelta, BookLevel, OrderBookSnapshot } from '@perpdesk/core';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../../shared/fixtures', import.meta.url));

/** Where the raw socket captures are, and whether they are. */
export const captures = join(fixtures, 'raw-ws');
export const capturesMissing = existsSync(captures) ? '' : ` (skipped: no captures at ${captures})`;

/** The lines of a capture that hold a text. */
export const captureLines = (file: string, holding: string): string[] =>
  gunzipSync(readFileSync(join(captures, file)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes(holding));

/** Levels as Binance and OKX send them: [price, size, …] in text. */
export const levelsOf = (sent: readonly (readonly string[])[]): BookLevel[] =>
  sent.map(([price, size]) => [Number(price), Number(size)]);

interface BinanceDepth {
  readonly T: number;
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: string[][];
  readonly a: string[][];
}

interface BinanceBook {
  readonly lastUpdateId: number;
  readonly T: number;
  readonly bids: string[][];
  readonly asks: string[][];
}

/** A Binance capture of full depth, in the order it was received. */
export interface RecordedDepth {
  readonly instrumentId: 'BTC-PERP@binance';
  readonly deltas: readonly BookDelta[];
  /** The one answer to a request, and how many deltas had come before it. */
  readonly snapshot: OrderBookSnapshot | undefined;
  readonly snapshotAfter: number;
}

/** Reads `raw-ws/binance-hftbacktest/<file>`: the depth diffs and the one book asked for. */
export function readBinanceDepth(file: string): RecordedDepth {
  const instrumentId = 'BTC-PERP@binance';
  const deltas: BookDelta[] = [];
  let snapshot: OrderBookSnapshot | undefined;
  let snapshotAfter = 0;
  for (const line of captureLines(`binance-hftbacktest/${file}`, '{')) {
    const isDepth = line.includes('@depth');
    if (!isDepth && !line.includes('lastUpdateId')) continue;
    const space = line.indexOf(' ');
    const receivedAtMs = Math.floor(Number(line.slice(0, space)) / 1e6);
    if (isDepth) {
      const { data } = JSON.parse(line.slice(space)) as { data: BinanceDepth };
      deltas.push({
        instrumentId,
        bids: levelsOf(data.b),
        asks: levelsOf(data.a),
        sequence: data.u,
        firstSequence: data.U,
        previousSequence: data.pu,
        exchangeAtMs: data.T,
        receivedAtMs,
      });
    } else {
      const book = JSON.parse(line.slice(space)) as BinanceBook;
      snapshot = {
        instrumentId,
        bids: levelsOf(book.bids),
        asks: levelsOf(book.asks),
        sequence: book.lastUpdateId,
        exchangeAtMs: book.T,
        receivedAtMs,
      };
      snapshotAfter = deltas.length;
    }
  }
  return { instrumentId, deltas, snapshot, snapshotAfter };
}
