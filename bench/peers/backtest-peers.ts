import type { Bars } from '../loops/backtest-loops.ts';
import { importPeer } from './import-peer.ts';

type Runs = Readonly<Record<string, () => unknown>>;

/** The parts that are used of indicatorts. */
interface Indicatorts {
  sma(values: readonly number[], options: { readonly period: number }): number[];
  backtest(asset: object, infos: readonly { readonly name: string; strategy(asset: object): number[] }[]): unknown;
}

/** The parts that are used of grademark and of data-forge, whose frames it takes. */
interface Grademark {
  backtest(strategy: object, series: object): { readonly length: number }[];
  analyze(equity: number, trades: object): unknown;
  computeEquityCurve(equity: number, trades: object): unknown;
  computeDrawdown(equity: number, trades: object): unknown;
}
interface DataForge {
  DataFrame: new (rows: readonly object[]) => object;
}
interface GrademarkBar {
  readonly fast: number;
  readonly slow: number;
}

/** The cross of averages as indicatorts runs it: at the close, long or flat, no fees and no fills, its own averages. */
export async function indicatortsPeer(bars: Bars, fast: number, slow: number): Promise<Runs> {
  const indicatorts = await importPeer<Indicatorts>('indicatorts');
  return indicatorts === undefined ? {} : { indicatorts: indicatortsRun(indicatorts, bars, fast, slow) };
}

/**
 * Rules on ready averages as grademark runs them: long or flat, fills at the next open, trades, equity by trade and drawdown.
 * It knows no fees. Undefined where it is not installed.
 */
export async function grademarkPeer(
  bars: Bars,
  quick: Float64Array,
  calm: Float64Array,
): Promise<(() => { readonly trades: number }) | undefined> {
  const grademark = await importPeer<Grademark>('grademark');
  const dataForge = await importPeer<DataForge>('data-forge');
  return grademark === undefined || dataForge === undefined
    ? undefined
    : grademarkRun(grademark, dataForge, bars, quick, calm);
}

function indicatortsRun({ backtest, sma }: Indicatorts, bars: Bars, fast: number, slow: number): () => unknown {
  const closings = [...bars.close];
  const asset = {
    dates: Array.from(bars.openAtMs, (atMs) => new Date(atMs)),
    openings: [...bars.open],
    closings,
    highs: [...bars.high],
    lows: [...bars.low],
    volumes: [...bars.volume],
  };
  const strategy = (): number[] => {
    const quick = sma(closings, { period: fast });
    const calm = sma(closings, { period: slow });
    const actions = new Array<number>(closings.length);
    for (let i = 0; i < closings.length; i += 1) actions[i] = (quick[i] as number) > (calm[i] as number) ? 1 : -1;
    return actions;
  };
  return () => backtest(asset, [{ name: 'cross', strategy }]);
}

function grademarkRun(
  grademark: Grademark,
  { DataFrame }: DataForge,
  bars: Bars,
  quick: Float64Array,
  calm: Float64Array,
): () => { readonly trades: number } {
  const rows = Array.from({ length: bars.length }, (_, i) => ({
    time: new Date(bars.openAtMs[i] as number),
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: bars.volume[i],
    fast: quick[i],
    slow: calm[i],
  }));
  const series = new DataFrame(rows);
  const strategy = {
    lookbackPeriod: 1,
    entryRule(enter: () => void, { bar }: { readonly bar: GrademarkBar }) {
      if (bar.fast > bar.slow) enter();
    },
    exitRule(exit: () => void, { bar }: { readonly bar: GrademarkBar }) {
      if (bar.fast <= bar.slow) exit();
    },
  };
  return () => {
    const trades = grademark.backtest(strategy, series);
    return {
      trades: trades.length,
      equity: grademark.computeEquityCurve(10_000, trades),
      drawdown: grademark.computeDrawdown(10_000, trades),
    };
  };
}
