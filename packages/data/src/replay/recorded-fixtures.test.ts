import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isOnRule, timeframeMs, toPrice } from '@perpdesk/core';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ReplaySource } from './replay-source.ts';
import { collectHistory, collectSteps, ofKind } from './testing/recording-folder.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const candles = join(fixtures, 'candles');
const missing = existsSync(candles) ? '' : ` (skipped: no recorded data at ${fixtures})`;

/** Lines with something in them, by no code of ours. */
const countLines = (bytes: Uint8Array): number =>
  strFromU8(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '').length;

describe.skipIf(missing !== '')(`the recorded fixtures${missing}`, () => {
  it('behavior: every 1m row of the Hyperliquid folder is one candle, and history ends where they begin', async () => {
    const directory = join(candles, 'hyperliquid');
    const rows = readdirSync(directory)
      .filter((name) => name.includes('_1m-ohlcv'))
      .reduce((total, name) => total + countLines(gunzipSync(readFileSync(join(directory, name)))) - 1, 0);
    const source = new ReplaySource({ directory });
    const instruments = await source.instruments();
    const steps = await collectSteps(source);
    const seen = ofKind(steps, 'candle').map((observation) => observation.candle);
    expect([rows, seen.length, source.report().candles]).toEqual([34_716, 34_716, 34_716]);
    expect(source.report()).toMatchObject({ gaps: [], malformedCount: 0, duplicates: 0, ignoredFiles: [], notes: [] });
    expect(steps.every((step, i) => i === 0 || step.atMs > (steps[i - 1]?.atMs ?? 0))).toBe(true);
    const history = await collectHistory(source);
    for (const instrument of instruments) {
      const mine = history.filter((bar) => bar.instrumentId === instrument.id);
      const firstMs = seen.find((bar) => bar.instrumentId === instrument.id)?.openAtMs ?? 0;
      expect(mine.filter((bar) => bar.openAtMs + timeframeMs(bar.timeframe) > firstMs)).toEqual([]);
      expect(mine.filter((bar) => bar.timeframe === '15m')).toHaveLength(1500);
      const offRule = seen.filter(
        (bar) => bar.instrumentId === instrument.id && !isOnRule(instrument.priceRule, toPrice(bar.close)),
      );
      expect(offRule).toEqual([]);
    }
  });

  it('behavior: every Lean row is one candle, its gaps are listed', async () => {
    const directory = join(candles, 'lean');
    const rows = (readdirSync(directory, { recursive: true }) as string[])
      .filter((name) => name.endsWith('_trade.zip'))
      .flatMap((name) => Object.values(unzipSync(readFileSync(join(directory, name)))))
      .reduce((total, bytes) => total + countLines(bytes), 0);
    const source = new ReplaySource({ directory });
    const steps = await collectSteps(source);
    expect(ofKind(steps, 'candle')).toHaveLength(rows);
    const { candles: counted, gaps, candlesByInstrument } = source.report();
    expect(counted).toBe(rows);
    expect(gaps.map((gap) => [gap.instrumentId, gap.missing])).toEqual([['BTC-PERP@binance-coinm', 1]]);
    expect(candlesByInstrument['BTC-PERP@bybit']).toBe(721);
    const quoted = ofKind(steps, 'ticker').filter(({ ticker }) => ticker.instrumentId === 'BTC-PERP@bybit');
    expect(quoted[0]?.ticker).toMatchObject({ bid: 17199, last: 17199, ask: 17199.5 });
  });

  it('behavior: the BTC-PERP file and the whole folder', async () => {
    const source = new ReplaySource({ directory: join(candles, 'btc-perp-1m') });
    const [instrument] = await source.instruments();
    expect(instrument).toMatchObject({ id: 'BTC-PERP@recorded', priceRule: { tick: '1' } });
    expect(source.report()).toMatchObject({ candles: 21_659, gaps: [], malformedCount: 0 });
    const whole = new ReplaySource({ directory: candles, markets: ['BTC-PERP'] });
    await whole.instruments();
    expect(Object.keys(whole.report().candlesByInstrument)).toEqual([
      'BTC-PERP@binance-coinm',
      'BTC-PERP@bybit',
      'BTC-PERP@hyperliquid',
      'BTC-PERP@recorded',
    ]);
    expect(whole.report().ignoredFiles).toContain('gct/binance_BTCUSDT_24h_2019.csv');
  });
});
