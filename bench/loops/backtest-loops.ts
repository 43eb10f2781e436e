/** The columns that a loop runs over. */
export interface Bars {
  readonly length: number;
  readonly openAtMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface LoopResult {
  readonly equity: number;
  readonly maxDrawdown: number;
  readonly fees: number;
  readonly trades: number;
}

const feeRate = 0.00045;
const slippageRate = 0.0001;

/** Event by event, for nothing else: a callback decides at each close, its wish fills at the next open; fees, equity, drawdown. */
export function eventLoop(bars: Bars, equity: Float64Array, decide: (index: number) => number): LoopResult {
  const { open, close, length } = bars;
  let cash = 10_000;
  let size = 0;
  let entry = 0;
  let fees = 0;
  let trades = 0;
  let peak = cash;
  let maxDrawdown = 0;
  let pending = false;
  let wanted = 0;
  let side = 0;
  for (let i = 0; i < length; i += 1) {
    if (pending) {
      pending = false;
      const price = (open[i] as number) * (1 + (wanted > size ? slippageRate : -slippageRate));
      if (size !== 0) {
        cash += size * (price - entry);
        trades += 1;
      }
      const fee = (Math.abs(wanted) + Math.abs(size)) * price * feeRate;
      cash -= fee;
      fees += fee;
      size = wanted;
      entry = price;
    }
    const last = close[i] as number;
    const now = cash + size * (last - entry);
    equity[i] = now;
    if (now > peak) peak = now;
    else if (peak - now > maxDrawdown * peak) maxDrawdown = (peak - now) / peak;
    const next = decide(i);
    if (next !== side) {
      side = next;
      wanted = (next * now) / last;
      pending = true;
    }
  }
  return { equity: cash + size * ((close[length - 1] as number) - entry), maxDrawdown, fees, trades };
}

/** A cross of two moving averages, decided close by close: 1 long, −1 short, 0 before both are known. */
export function crossByHand(close: Float64Array, fast: number, slow: number): (index: number) => number {
  let fastSum = 0;
  let slowSum = 0;
  return (i) => {
    const price = close[i] as number;
    fastSum += price;
    slowSum += price;
    if (i >= fast) fastSum -= close[i - fast] as number;
    if (i < slow - 1) return 0;
    if (i >= slow) slowSum -= close[i - slow] as number;
    return fastSum / fast > slowSum / slow ? 1 : -1;
  };
}

/** One column of a sweep, all in one loop: both averages, the cross, fills at the next open, fees, equity, drawdown. */
export function vectorLoop(bars: Bars, fast: number, slow: number): LoopResult {
  const { open, close, length } = bars;
  let fastSum = 0;
  let slowSum = 0;
  let cash = 10_000;
  let size = 0;
  let entry = 0;
  let fees = 0;
  let trades = 0;
  let peak = cash;
  let maxDrawdown = 0;
  let side = 0;
  let wanted = 0;
  let pending = false;
  for (let i = 0; i < length; i += 1) {
    if (pending) {
      pending = false;
      const price = (open[i] as number) * (1 + (wanted > size ? slippageRate : -slippageRate));
      if (size !== 0) {
        cash += size * (price - entry);
        trades += 1;
      }
      const fee = (Math.abs(wanted) + Math.abs(size)) * price * feeRate;
      cash -= fee;
      fees += fee;
      size = wanted;
      entry = price;
    }
    const last = close[i] as number;
    const now = cash + size * (last - entry);
    if (now > peak) peak = now;
    else if (peak - now > maxDrawdown * peak) maxDrawdown = (peak - now) / peak;
    fastSum += last;
    slowSum += last;
    if (i >= fast) fastSum -= close[i - fast] as number;
    if (i < slow - 1) continue;
    if (i >= slow) slowSum -= close[i - slow] as number;
    const next = fastSum / fast > slowSum / slow ? 1 : -1;
    if (next === side) continue;
    side = next;
    wanted = (next * now) / last;
    pending = true;
  }
  return { equity: cash + size * ((close[length - 1] as number) - entry), maxDrawdown, fees, trades };
}
