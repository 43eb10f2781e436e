import { deskIndicators } from '../desk-indicators.ts';
import type { IndicatorSpec } from '../indicator-spec.ts';

/** Nine values, of the five indicators that most charts show. */
const nineValues: readonly IndicatorSpec[] = [
  { kind: 'ema', period: 20 },
  { kind: 'rsi' },
  { kind: 'macd' },
  { kind: 'bollinger' },
  { kind: 'atr' },
];

/** A set of indicators whose updates are written out as one function. */
export interface FusedSet {
  /** Of the constant, and with hyphens of its file in `fused/`. */
  readonly name: string;
  readonly specs: readonly IndicatorSpec[];
}

/** All fused sets. */
export const fusedSets: readonly FusedSet[] = [
  { name: 'updateDesk', specs: deskIndicators },
  {
    name: 'updateNineIndicators',
    specs: [{ kind: 'sma', period: 20 }, ...nineValues, { kind: 'stoch-rsi' }, { kind: 'adx' }, { kind: 'obv' }],
  },
  { name: 'updateNineValues', specs: nineValues },
];

/** Where the module of a fused set is. */
export const fusedFile = ({ name }: FusedSet): URL => {
  const file = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new URL(`../fused/${file}.ts`, import.meta.url);
};
