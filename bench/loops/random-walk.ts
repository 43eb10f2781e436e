import { SeededRandom } from '../../packages/core/src/index.ts';
import type { Bars } from './backtest-loops.ts';

/** So many 1m bars that walk at random, the same ones every time. */
export function randomWalk(length: number): Bars {
  const random = new SeededRandom('backtest');
  const column = (): Float64Array => new Float64Array(length);
  const [openAtMs, open, high, low, close, volume] = [column(), column(), column(), column(), column(), column()];
  let price = 60_000;
  for (let i = 0; i < length; i += 1) {
    openAtMs[i] = Date.UTC(2026, 0, 1) + i * 60_000;
    open[i] = price;
    price *= 1 + (random.next() - 0.5) * 0.002;
    close[i] = price;
    high[i] = Math.max(open[i] as number, price) * (1 + random.next() * 0.0005);
    low[i] = Math.min(open[i] as number, price) * (1 - random.next() * 0.0005);
    volume[i] = random.next() * 10;
  }
  return { length, openAtMs, open, high, low, close, volume };
}
