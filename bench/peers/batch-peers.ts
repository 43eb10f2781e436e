import { importPeer } from './import-peer.ts';

interface Columns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

type Values = readonly number[];
type Runs = Readonly<Record<string, () => unknown>>;

/** By indicator, what the libraries do with the same candles: the library's name and a run with fresh outputs. */
export interface BatchPeers {
  readonly SMA: Runs;
  readonly EMA: Runs;
  readonly RSI: Runs;
  readonly MACD: Runs;
  readonly Bollinger: Runs;
  readonly ATR: Runs;
  /** ixjb94 has the raw value only. */
  readonly StochRSI: Runs;
  readonly ADX: Runs;
  readonly OBV: Runs;
  /** Those of indicatorts and ixjb94 are over the last 14 bars. */
  readonly VWAP: Runs;
}

/** The parts that are used of @ixjb94/indicators. */
interface Ixjb94 {
  readonly IndicatorsSync: new () => {
    sma(source: Values, period: number): unknown;
    ema(source: Values, period: number): unknown;
    rsi(source: Values, period: number): unknown;
    macd(source: Values, fast: number, slow: number, signal: number): unknown;
    bbands(source: Values, period: number, deviations: number): unknown;
    atr(high: Values, low: Values, close: Values, period: number): unknown;
    stochrsi(source: Values, period: number): unknown;
    adx(high: Values, low: Values, period: number): unknown;
    obv(close: Values, volume: Values): unknown;
    vwap(high: Values, low: Values, close: Values, volume: Values, period: number): unknown;
  };
}

/** The parts that are used of indicatorts. */
interface Indicatorts {
  sma(values: Values, options: object): unknown;
  ema(values: Values, options: object): unknown;
  rsi(values: Values, options: object): unknown;
  macd(values: Values): unknown;
  bb(values: Values): unknown;
  atr(high: Values, low: Values, close: Values): unknown;
  obv(close: Values, volume: Values): unknown;
  vwap(close: Values, volume: Values): unknown;
}

/** The parts that are used of technicalindicators. */
type Technicalindicators = Readonly<
  Record<
    'SMA' | 'EMA' | 'RSI' | 'MACD' | 'BollingerBands' | 'ATR' | 'StochasticRSI' | 'ADX' | 'OBV' | 'VWAP',
    { calculate(input: object): unknown }
  >
>;

type OfValue = { nextValue(value: number): unknown };
type OfBar = { nextValue(high: number, low: number, close: number): unknown };

/** The parts that are used of @debut/indicators. */
interface Debut {
  readonly SMA: new (period: number) => OfValue;
  readonly EMA: new (period: number) => OfValue;
  readonly RSI: new (period: number) => OfValue;
  readonly MACD: new (fast: number, slow: number, signal: number) => OfValue;
  readonly BollingerBands: new (period: number, deviations: number) => OfValue;
  readonly ATR: new (period: number) => OfBar;
  readonly StochasticRSI: new (rsi: number, k: number, d: number, stochastic: number) => OfValue;
  readonly ADX: new (period: number) => OfBar;
}

interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}
type Series<Input> = { add(input: Input): unknown };

/** The parts that are used of trading-signals. */
interface TradingSignals {
  readonly SMA: new (period: number) => Series<number>;
  readonly EMA: new (period: number) => Series<number>;
  readonly WSMA?: new (period: number) => Series<number>;
  readonly RSI: new (period: number) => Series<number>;
  readonly MACD: new (fast: object, slow: object, signal: object) => Series<number>;
  readonly BollingerBands: new (period: number, deviations: number) => Series<number>;
  readonly ATR: new (period: number) => Series<Bar>;
  readonly StochasticRSI: new (period: number) => Series<number>;
  readonly ADX: new (period: number) => Series<Bar>;
  readonly OBV: new (period: number) => Series<Bar>;
  readonly VWAP: new () => Series<Bar>;
}

/** Makes the runs of the libraries that are installed; their inputs, arrays of numbers or bars, are prepared here. */
export async function batchPeers(columns: Columns): Promise<BatchPeers> {
  const [high, low, close, volume] = [columns.high, columns.low, columns.close, columns.volume].map((column) => [
    ...column,
  ]) as [number[], number[], number[], number[]];
  const bars: Bar[] = close.map((value, i) => ({
    open: value,
    high: high[i] ?? 0,
    low: low[i] ?? 0,
    close: value,
    volume: volume[i] ?? 0,
  }));
  const ixjb94 = await importPeer<Ixjb94>('@ixjb94/indicators');
  const sync = ixjb94 && new ixjb94.IndicatorsSync();
  const indicatorts = await importPeer<Indicatorts>('indicatorts');
  const technical = await importPeer<Technicalindicators>('technicalindicators');
  const debut = await importPeer<Debut>('@debut/indicators');
  const signals = await importPeer<TradingSignals>('trading-signals');

  const calculate = (name: keyof Technicalindicators, input: object): Runs =>
    technical === undefined ? {} : { technicalindicators: () => technical[name].calculate(input) };
  const nextValues = (create: ((peer: Debut) => OfValue) | undefined): Runs =>
    debut === undefined || create === undefined
      ? {}
      : {
          debut: () => {
            const one = create(debut);
            return close.map((value) => one.nextValue(value));
          },
        };
  const nextBars = (create: (peer: Debut) => OfBar): Runs =>
    debut === undefined
      ? {}
      : {
          debut: () => {
            const one = create(debut);
            return bars.map((bar) => one.nextValue(bar.high, bar.low, bar.close));
          },
        };
  const added = <Input>(inputs: readonly Input[], create: (peer: TradingSignals) => Series<Input>): Runs =>
    signals === undefined
      ? {}
      : {
          'trading-signals': () => {
            const one = create(signals);
            return inputs.map((input) => one.add(input));
          },
        };

  return {
    SMA: {
      ...(sync && { ixjb94: () => sync.sma(close, 20) }),
      ...(indicatorts && { indicatorts: () => indicatorts.sma(close, { period: 20 }) }),
      ...calculate('SMA', { period: 20, values: close }),
      ...nextValues((peer) => new peer.SMA(20)),
      ...added(close, (peer) => new peer.SMA(20)),
    },
    EMA: {
      ...(sync && { ixjb94: () => sync.ema(close, 20) }),
      ...(indicatorts && { indicatorts: () => indicatorts.ema(close, { period: 20 }) }),
      ...calculate('EMA', { period: 20, values: close }),
      ...nextValues((peer) => new peer.EMA(20)),
      ...added(close, (peer) => new peer.EMA(20)),
    },
    RSI: {
      ...(sync && { ixjb94: () => sync.rsi(close, 14) }),
      ...(indicatorts && { indicatorts: () => indicatorts.rsi(close, { period: 14 }) }),
      ...calculate('RSI', { period: 14, values: close }),
      ...nextValues((peer) => new peer.RSI(14)),
      ...added(close, (peer) => new peer.RSI(14)),
    },
    MACD: {
      ...(sync && { ixjb94: () => sync.macd(close, 12, 26, 9) }),
      ...(indicatorts && { indicatorts: () => indicatorts.macd(close) }),
      ...calculate('MACD', {
        values: close,
        fastPeriod: 12,
        slowPeriod: 26,
        signalPeriod: 9,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }),
      ...nextValues((peer) => new peer.MACD(12, 26, 9)),
      ...added(close, (peer) => new peer.MACD(new peer.EMA(12), new peer.EMA(26), new peer.EMA(9))),
    },
    Bollinger: {
      ...(sync && { ixjb94: () => sync.bbands(close, 20, 2) }),
      ...(indicatorts && { indicatorts: () => indicatorts.bb(close) }),
      ...calculate('BollingerBands', { period: 20, stdDev: 2, values: close }),
      ...nextValues((peer) => new peer.BollingerBands(20, 2)),
      ...added(close, (peer) => new peer.BollingerBands(20, 2)),
    },
    ATR: {
      ...(sync && { ixjb94: () => sync.atr(high, low, close, 14) }),
      ...(indicatorts && { indicatorts: () => indicatorts.atr(high, low, close) }),
      ...calculate('ATR', { period: 14, high, low, close }),
      ...nextBars((peer) => new peer.ATR(14)),
      ...added(bars, (peer) => new peer.ATR(14)),
    },
    StochRSI: {
      ...(sync && { ixjb94: () => sync.stochrsi(close, 14) }),
      ...calculate('StochasticRSI', {
        values: close,
        rsiPeriod: 14,
        stochasticPeriod: 14,
        kPeriod: 3,
        dPeriod: 3,
      }),
      ...nextValues((peer) => new peer.StochasticRSI(14, 3, 3, 14)),
      ...added(close, (peer) => new peer.StochasticRSI(14)),
    },
    ADX: {
      ...(sync && { ixjb94: () => sync.adx(high, low, 14) }),
      ...calculate('ADX', { period: 14, high, low, close }),
      ...nextBars((peer) => new peer.ADX(14)),
      ...added(bars, (peer) => new peer.ADX(14)),
    },
    OBV: {
      ...(sync && { ixjb94: () => sync.obv(close, volume) }),
      ...(indicatorts && { indicatorts: () => indicatorts.obv(close, volume) }),
      ...calculate('OBV', { close, volume }),
      ...added(bars, (peer) => new peer.OBV(2)),
    },
    VWAP: {
      ...(sync && { ixjb94: () => sync.vwap(high, low, close, volume, 14) }),
      ...(indicatorts && { indicatorts: () => indicatorts.vwap(close, volume) }),
      ...calculate('VWAP', { high, low, close, volume }),
      ...added(bars, (peer) => new peer.VWAP()),
    },
  };
}
