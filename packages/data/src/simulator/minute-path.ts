import type { HashedRandom } from './hashed-random.ts';

/** Ticks of a minute, two seconds apart, the first when it opens. */
export const ticksPerMinute = 30;
export const tickMs = 60_000 / ticksPerMinute;
const lastTick = ticksPerMinute - 1;

/**
 * Draws the ticks of a minute whose bar is known: they begin at the open, end at the close, touch the high and the low
 * and never leave them. Between these points runs a Brownian bridge.
 * @param volatility the usual move of one tick, a fraction.
 */
export function tracePath(
  bar: { readonly open: number; readonly high: number; readonly low: number; readonly close: number },
  volatility: number,
  random: HashedRandom,
  path: Float64Array,
  offset: number,
): void {
  const { open, high, low, close } = bar;
  let highAt = high === open ? 0 : high === close ? lastTick : 1 + Math.floor(random.next() * (lastTick - 1));
  let lowAt = low === open ? 0 : low === close ? lastTick : 1 + Math.floor(random.next() * (lastTick - 1));
  if (highAt === lowAt && high !== low) {
    // Both can fall together only inside the minute: move the later drawn on, within the inside.
    if (highAt > 0 && highAt < lastTick) lowAt = 1 + (lowAt % (lastTick - 1));
    else highAt = lowAt === 0 ? lastTick : 0;
  }
  const [first, firstPrice, second, secondPrice] =
    highAt <= lowAt ? [highAt, high, lowAt, low] : [lowAt, low, highAt, high];
  const step = volatility * open;
  const bridge = (from: number, price: number, to: number, target: number): void => {
    let at = price;
    for (let tick = from + 1; tick < to; tick += 1) {
      const left = to - tick;
      at += (target - at) / (left + 1) + step * Math.sqrt(left / (left + 1)) * random.normal();
      path[offset + tick] = Math.min(high, Math.max(low, at));
    }
    path[offset + to] = target;
  };
  path[offset] = open;
  bridge(0, open, first, firstPrice);
  bridge(first, firstPrice, second, secondPrice);
  bridge(second, secondPrice, lastTick, close);
}
