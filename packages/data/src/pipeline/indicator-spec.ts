import type { CandleIndicator } from './candle-indicator.ts';
import { indicatorKinds } from './indicator-kinds.ts';
import type { PackedIndicator } from './packed-indicator.ts';

type Kinds = typeof indicatorKinds;

/** A built-in indicator of candles: `ema`, `stoch-rsi`, `vwap`; its file's name. */
export type IndicatorKind = keyof Kinds;

type OptionsOf<Kind extends IndicatorKind> = Kinds[Kind] extends (options: infer Options) => PackedIndicator
  ? Options
  : never;

type BuiltInSpec = {
  readonly [Kind in IndicatorKind]: { readonly kind: Kind } & OptionsOf<Kind>;
}[IndicatorKind];

/** An indicator by its kind and parameters, each parameter with the default of its class. */
export type IndicatorSpec = BuiltInSpec | CustomIndicatorSpec;

/** An indicator of your own. */
export interface CustomIndicatorSpec {
  readonly kind: 'custom';
  /** With its parameters, unique in its series: `my-range(14)`. */
  readonly name: string;
  /** Makes a fresh one; called once per series, and once to learn its outputs. */
  readonly create: () => CandleIndicator;
}

/**
 * Makes the indicator of a spec; a custom one is made by its spec, for each series.
 * @throws ValidationError `indicator.period` for parameters out of range.
 */
export function createIndicator(spec: IndicatorSpec): PackedIndicator | CustomIndicatorSpec {
  if (spec.kind === 'custom') return spec;
  const create = indicatorKinds[spec.kind] as (options: BuiltInSpec) => PackedIndicator;
  return create(spec);
}
