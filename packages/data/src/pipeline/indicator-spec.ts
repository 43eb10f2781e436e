import type { Candle } from '@perpdesk/core';
import { Adx, type AdxOptions } from '../indicators/adx.ts';
import { Atr, type AtrOptions } from '../indicators/atr.ts';
import { Bollinger, type BollingerOptions } from '../indicators/bollinger.ts';
import { Donchian, type DonchianOptions } from '../indicators/donchian.ts';
import { Ema, type EmaOptions } from '../indicators/ema.ts';
import { Macd, type MacdOptions } from '../indicators/macd.ts';
import { Obv } from '../indicators/obv.ts';
import { Roc, type RocOptions } from '../indicators/roc.ts';
import { Rsi, type RsiOptions } from '../indicators/rsi.ts';
import { Sma, type SmaOptions } from '../indicators/sma.ts';
import { StandardDeviation, type StandardDeviationOptions } from '../indicators/standard-deviation.ts';
import { StochRsi, type StochRsiOptions } from '../indicators/stoch-rsi.ts';
import type { StreamingIndicator } from '../indicators/streaming-indicator.ts';
import { Vwap, type VwapOptions } from '../indicators/vwap.ts';
import type { CandleIndicator } from './candle-indicator.ts';

/** The column of a bar that an indicator of one column reads. Default `close`; others show in the name: `sma(20,volume)`. */
export interface SourceOption {
  readonly source?: 'open' | 'high' | 'low' | 'close' | 'volume';
}

/** An indicator by its kind and parameters, each parameter with the default of its class. */
export type IndicatorSpec =
  | ({ readonly kind: 'sma' } & SmaOptions & SourceOption)
  | ({ readonly kind: 'ema' } & EmaOptions & SourceOption)
  | ({ readonly kind: 'rsi' } & RsiOptions & SourceOption)
  | ({ readonly kind: 'macd' } & MacdOptions & SourceOption)
  | ({ readonly kind: 'bollinger' } & BollingerOptions & SourceOption)
  | ({ readonly kind: 'stoch-rsi' } & StochRsiOptions & SourceOption)
  | ({ readonly kind: 'roc' } & RocOptions & SourceOption)
  | ({ readonly kind: 'standard-deviation' } & StandardDeviationOptions & SourceOption)
  | ({ readonly kind: 'atr' } & AtrOptions)
  | ({ readonly kind: 'adx' } & AdxOptions)
  | ({ readonly kind: 'donchian' } & DonchianOptions)
  | ({ readonly kind: 'vwap' } & VwapOptions)
  | { readonly kind: 'obv' }
  | CustomIndicatorSpec;

/** An indicator of your own. */
export interface CustomIndicatorSpec {
  readonly kind: 'custom';
  /** With its parameters, unique in its series: `my-range(14)`. */
  readonly name: string;
  /** Makes a fresh one; called once per series. */
  readonly create: () => CandleIndicator;
}

/** An indicator under the name its values go by. */
export interface NamedIndicator {
  readonly name: string;
  readonly indicator: CandleIndicator;
}

/**
 * Makes the indicator of a spec.
 * @throws ValidationError `indicator.period` for parameters out of range.
 */
export function createIndicator(spec: IndicatorSpec): NamedIndicator {
  switch (spec.kind) {
    case 'sma':
      return ofColumn(new Sma(spec), spec, { '': (x) => x.value });
    case 'ema':
      return ofColumn(new Ema(spec), spec, { '': (x) => x.value });
    case 'rsi':
      return ofColumn(new Rsi(spec), spec, { '': (x) => x.value });
    case 'macd':
      return ofColumn(new Macd(spec), spec, {
        '': (x) => x.value,
        signal: (x) => x.signal,
        histogram: (x) => x.histogram,
      });
    case 'bollinger':
      return ofColumn(new Bollinger(spec), spec, {
        upper: (x) => x.upper,
        middle: (x) => x.middle,
        lower: (x) => x.lower,
      });
    case 'stoch-rsi':
      return ofColumn(new StochRsi(spec), spec, { '': (x) => x.raw, k: (x) => x.k, d: (x) => x.d });
    case 'roc':
      return ofColumn(new Roc(spec), spec, { '': (x) => x.value });
    case 'standard-deviation':
      return ofColumn(new StandardDeviation(spec), spec, { '': (x) => x.value, mean: (x) => x.mean });
    case 'atr':
      return ofBar(new Atr(spec), (x, bar) => x.update(bar.high, bar.low, bar.close), { '': (x) => x.value });
    case 'adx':
      return ofBar(new Adx(spec), (x, bar) => x.update(bar.high, bar.low, bar.close), {
        '': (x) => x.value,
        plus: (x) => x.plus,
        minus: (x) => x.minus,
      });
    case 'donchian':
      return ofBar(new Donchian(spec), (x, bar) => x.update(bar.high, bar.low), {
        upper: (x) => x.upper,
        middle: (x) => x.middle,
        lower: (x) => x.lower,
      });
    case 'vwap':
      return ofBar(new Vwap(spec), (x, bar) => x.update(bar.openAtMs, bar.high, bar.low, bar.close, bar.volume), {
        '': (x) => x.value,
      });
    case 'obv':
      return ofBar(new Obv(), (x, bar) => x.update(bar.close, bar.volume), { '': (x) => x.value });
    case 'custom':
      return { name: spec.name, indicator: spec.create() };
  }
}

type Outputs<Indicator> = Readonly<Record<string, (indicator: Indicator) => number>>;

function ofColumn<Indicator extends StreamingIndicator & { update(value: number): void }>(
  indicator: Indicator,
  { source = 'close' }: SourceOption,
  outputs: Outputs<Indicator>,
): NamedIndicator {
  const named = ofBar(indicator, (one, bar) => one.update(bar[source]), outputs);
  return source === 'close' ? named : { ...named, name: `${named.name.slice(0, -1)},${source})` };
}

function ofBar<Indicator extends StreamingIndicator>(
  indicator: Indicator,
  update: (indicator: Indicator, bar: Candle) => void,
  outputs: Outputs<Indicator>,
): NamedIndicator {
  const reads = Object.values(outputs);
  return {
    name: indicator.name,
    indicator: {
      outputs: Object.keys(outputs),
      update: (bar) => update(indicator, bar),
      value: (index) => reads[index]?.(indicator) ?? Number.NaN,
      reset: () => indicator.reset(),
    },
  };
}
