import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Candle, timeframeMs } from '@perpdesk/core';
import { MarketSimulator } from '@perpdesk/data';

/** What a recording is made of. */
export interface RecordingPlan {
  readonly seed: string;
  readonly markets: readonly string[];
  /** Days of 1m rows; 5m and 1h rows begin 20 days before the end, of 20 days and more 20 days before the 1m rows. */
  readonly days: number;
}

/** A recording in the format of the Hyperliquid files, with its 1m rows by market. */
export interface Recording {
  readonly directory: string;
  readonly minutes: ReadonlyMap<string, readonly Candle[]>;
  /** Writes the 1m rows of a market anew. */
  rewrite(market: string, rows: readonly string[]): void;
}

const endMs = Date.UTC(2026, 0, 5);
const header = 't_open_ms,open,high,low,close,volume';

/** One line of a CSV of candles. */
export const rowOf = ({ openAtMs, open, high, low, close, volume }: Candle): string =>
  [openAtMs, open, high, low, close, volume].join(',');

/** Writes what the market simulator remembers of its past as recorded files: trends, quiet hours, funding and all. */
export async function writeRecording(directory: string, { seed, markets, days }: RecordingPlan): Promise<Recording> {
  mkdirSync(directory, { recursive: true });
  const past = new MarketSimulator({
    seed,
    startAtMs: endMs,
    // What was before the 1m rows warms the desk up.
    backfillDays: days < 20 ? 20 : days + 20,
    minuteDays: days,
    markets: markets.map((market) => `${market}-PERP`),
    venues: ['hyperliquid'],
  });
  const beginMs = endMs - days * timeframeMs('1d');
  const minutes = new Map<string, readonly Candle[]>();
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(directory, `${name}.csv`), `${lines.join('\n')}\n`);
  const symbolOf = (id: string): string => `${id.slice(0, id.indexOf('-'))}-USDC-PERP`;

  for await (const candles of past.history()) {
    const [first] = candles;
    if (first === undefined || !['1m', '5m', '1h'].includes(first.timeframe)) continue;
    const kept = first.timeframe === '1m' ? candles : candles.filter(({ openAtMs }) => openAtMs < beginMs);
    write(`${symbolOf(first.instrumentId)}_${first.timeframe}-ohlcv`, [header, ...kept.map(rowOf)]);
    if (first.timeframe === '1m') minutes.set(first.instrumentId.slice(0, first.instrumentId.indexOf('-')), candles);
  }
  const funding = new Map<string, string[]>();
  for await (const observations of past.background())
    for (const seen of observations) {
      if (seen.kind !== 'funding' || seen.funding.predicted) continue;
      const name = `${symbolOf(seen.funding.instrumentId)}_1h-funding_rate`;
      const rows = funding.get(name) ?? ['fundingTime_ms,fundingRate'];
      rows.push(`${seen.funding.settlesAtMs},${seen.funding.rate}`);
      funding.set(name, rows);
    }
  for (const [name, rows] of funding) write(name, rows);
  return {
    directory,
    minutes,
    rewrite: (market, rows) => write(`${market}-USDC-PERP_1m-ohlcv`, [header, ...rows]),
  };
}
