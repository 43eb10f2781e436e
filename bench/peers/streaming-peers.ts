import type { Bar } from '../loops/hand-written-set.ts';
import { importPeer } from './import-peer.ts';

/** A set of nine indicators of a library: takes a bar and gives the sum of its values, so that all are read. */
export type PeerSet = (bar: Bar) => number;

interface OfValue {
  nextValue(value: number): never;
}
interface OfBar {
  nextValue(high: number, low: number, close: number): never;
}
type Result = Readonly<Record<string, number>> | undefined;

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

interface Series<Input> {
  add(input: Input): number | Readonly<Record<string, number>> | null;
}

/** The parts that are used of trading-signals. */
interface TradingSignals {
  readonly SMA: new (period: number) => Series<number>;
  readonly EMA: new (period: number) => Series<number>;
  readonly RSI: new (period: number) => Series<number>;
  readonly MACD: new (fast: object, slow: object, signal: object) => Series<number>;
  readonly BollingerBands: new (period: number, deviations: number) => Series<number>;
  readonly ATR: new (period: number) => Series<Bar>;
  readonly StochasticRSI: new (period: number) => Series<number>;
  readonly ADX: new (period: number) => Series<Bar>;
  readonly OBV: new (period: number) => Series<Bar>;
}

const sumOf = (result: unknown): number => {
  if (typeof result === 'number') return result;
  let sum = 0;
  const record = (result ?? {}) as NonNullable<Result>;
  for (const key in record) sum += record[key] ?? 0;
  return sum;
};

/**
 * Makers of sets of the libraries that are installed and stream: of the nine values of five indicators, or of nine indicators.
 * @debut/indicators has no OBV: its set of indicators has eight.
 */
export async function streamingPeers(of: 'values' | 'indicators'): Promise<Readonly<Record<string, () => PeerSet>>> {
  const debut = await importPeer<Debut>('@debut/indicators');
  const signals = await importPeer<TradingSignals>('trading-signals');
  const isAll = of === 'indicators';
  return {
    ...(debut && {
      debut: () => {
        const ofClose = [
          ...(isAll ? [new debut.SMA(20), new debut.StochasticRSI(14, 3, 3, 14)] : []),
          new debut.EMA(20),
          new debut.RSI(14),
          new debut.MACD(12, 26, 9),
          new debut.BollingerBands(20, 2),
        ];
        const ofBars = [new debut.ATR(14), ...(isAll ? [new debut.ADX(14)] : [])];
        return ({ high, low, close }) => {
          let sum = 0;
          for (const one of ofClose) sum += sumOf(one.nextValue(close));
          for (const one of ofBars) sum += sumOf(one.nextValue(high, low, close));
          return sum;
        };
      },
    }),
    ...(signals && {
      'trading-signals': () => {
        const ofClose = [
          ...(isAll ? [new signals.SMA(20), new signals.StochasticRSI(14)] : []),
          new signals.EMA(20),
          new signals.RSI(14),
          new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9)),
          new signals.BollingerBands(20, 2),
        ];
        const ofBars = [new signals.ATR(14), ...(isAll ? [new signals.ADX(14), new signals.OBV(2)] : [])];
        return (bar) => {
          let sum = 0;
          for (const one of ofClose) sum += sumOf(one.add(bar.close));
          for (const one of ofBars) sum += sumOf(one.add(bar));
          return sum;
        };
      },
    }),
  };
}
