import {
  type Instrument,
  type KeyLevel,
  type Price,
  priceFromNumber,
  type TakeProfit,
  type TradeDirection,
  toNumber,
  toRate,
} from '@perpdesk/core';
import { type LevelRules, levelRules } from './settings.ts';

/** A plan's prices, on the instrument's price rule. */
export interface PlannedLevels {
  readonly entry: Price;
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
}

/**
 * Chooses stop and targets from the structural levels around `price`, or ATR multiples where there are none in bounds. The
 * stop is rounded away from the entry's noise (towards firing earlier), targets towards being reached.
 * Undefined when the geometry comes out wrong: a long needs stop < entry < every target, a short the reverse.
 */
export function planLevels(
  {
    direction,
    price,
    atr,
    keyLevels,
    instrument,
  }: {
    readonly direction: TradeDirection;
    /** The present price of the reference instrument. */
    readonly price: number;
    readonly atr: number;
    readonly keyLevels: readonly KeyLevel[];
    readonly instrument: Instrument;
  },
  rules: LevelRules = levelRules,
): PlannedLevels | undefined {
  if (!(price > 0) || !(atr > 0) || !Number.isFinite(price) || !Number.isFinite(atr)) return undefined;
  const sign = direction === 'long' ? 1 : -1;
  /** Distance of a level from the price in the trade's favour. */
  const ahead = (level: KeyLevel): number => sign * (level.price - price);

  const behind = keyLevels
    .map((level) => -ahead(level) + rules.stopBufferAtr * atr)
    .filter((distance) => distance >= rules.minStopAtr * atr && distance <= rules.maxStopAtr * atr);
  const risk = behind.length === 0 ? rules.defaultStopAtr * atr : Math.min(...behind);

  const targets = rules.targets.map(({ fromR, toR, defaultR, fraction }) => {
    const inSpan = keyLevels
      .map((level) => ahead(level) - rules.targetBufferAtr * atr)
      .filter((distance) => distance >= fromR * risk && distance < toR * risk);
    return { distance: inSpan.length === 0 ? defaultR * risk : Math.min(...inSpan), fraction };
  });

  const round = (value: number, towards: 1 | -1): Price =>
    priceFromNumber(instrument.priceRule, value, towards === 1 ? 'up' : 'down');
  if (price - sign * risk <= 0 || targets.some(({ distance }) => price + sign * distance <= 0)) return undefined;
  const entry = priceFromNumber(instrument.priceRule, price, 'nearest');
  const stopLoss = round(price - sign * risk, sign);
  const takeProfits = targets.map(({ distance, fraction }) => ({
    price: round(price + sign * distance, sign === 1 ? -1 : 1),
    fraction: toRate(fraction),
  }));

  const beyond = (further: Price, nearer: Price): boolean => sign * (toNumber(further) - toNumber(nearer)) > 0;
  const right = beyond(entry, stopLoss) && takeProfits.every((target) => beyond(target.price, entry));
  return right ? { entry, stopLoss, takeProfits } : undefined;
}
