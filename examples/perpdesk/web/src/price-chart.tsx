import type { Candle } from '@perpdesk/core';
import type { CandleSeries } from '@perpdesk/react';
import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  type HistogramData,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef, useState } from 'react';
import type { ChartLine } from './chart-lines.ts';
import { showPrice } from './format.ts';
import { onThemeChange, token } from './theme.ts';

interface Drawn {
  readonly chart: IChartApi;
  readonly bars: ISeriesApi<'Candlestick'>;
  readonly volumes: ISeriesApi<'Histogram'>;
  /** False once it was removed: React cleans up the effect that made it before those that drew on it. */
  live: boolean;
}

/** Bars in view at first. */
const shownBars = 120;

const timeOf = ({ openAtMs }: Candle): UTCTimestamp => (openAtMs / 1000) as UTCTimestamp;
const bar = (candle: Candle): CandlestickData<UTCTimestamp> => ({
  time: timeOf(candle),
  open: candle.open,
  high: candle.high,
  low: candle.low,
  close: candle.close,
});
const volume = (candle: Candle): HistogramData<UTCTimestamp> => ({
  time: timeOf(candle),
  value: candle.volume,
  color: `${token(candle.close >= candle.open ? '--gain' : '--loss')}55`,
});

/** A candle chart that is fed past React: bars go straight into the series. Default export: it is loaded lazily. */
// biome-ignore lint/style/noDefaultExport: React.lazy takes a default export
export default function PriceChart({
  label,
  candles,
  watch,
  decimals,
  lines,
}: {
  readonly label: string;
  readonly candles: readonly Candle[];
  readonly watch: CandleSeries['watch'];
  readonly decimals: number;
  readonly lines: readonly ChartLine[];
}) {
  const host = useRef<HTMLElement>(null);
  const [drawn, setDrawn] = useState<Drawn>();

  useEffect(() => {
    if (host.current === null) return;
    const chart = createChart(host.current, {
      autoSize: true,
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 6 },
      rightPriceScale: { minimumWidth: 84 },
    });
    const bars = chart.addSeries(CandlestickSeries, { borderVisible: false });
    const volumes = chart.addSeries(HistogramSeries, {
      priceFormat: { type: 'volume' },
      priceScaleId: 'volume',
      lastValueVisible: false,
      priceLineVisible: false,
    });
    chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    bars.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.18 } });
    const made: Drawn = { chart, bars, volumes, live: true };
    setDrawn(made);
    return () => {
      made.live = false;
      setDrawn(undefined);
      chart.remove();
    };
  }, []);

  useEffect(() => {
    if (drawn === undefined) return;
    return onThemeChange(() => paint(drawn));
  }, [drawn]);

  useEffect(() => {
    drawn?.bars.applyOptions({
      priceFormat: {
        type: 'custom',
        formatter: (price: number) => showPrice(price, decimals),
        minMove: 10 ** -decimals,
      },
    });
  }, [drawn, decimals]);

  useEffect(() => {
    if (drawn === undefined) return;
    const { chart, bars, volumes } = drawn;
    const isFirst = bars.data().length === 0;
    bars.setData(candles.map(bar));
    volumes.setData(candles.map(volume));
    if (isFirst) chart.timeScale().setVisibleLogicalRange({ from: candles.length - shownBars, to: candles.length + 6 });
    let newestAtMs = candles.at(-1)?.openAtMs ?? 0;
    return watch((candle) => {
      // Only the last bar of a series can be updated, and a new one added.
      if (candle.openAtMs < newestAtMs) return;
      newestAtMs = candle.openAtMs;
      bars.update(bar(candle));
      volumes.update(volume(candle));
    });
  }, [drawn, candles, watch]);

  useEffect(() => {
    if (drawn === undefined) return;
    const { bars } = drawn;
    const made = lines.map(({ price, title, token: color, dashed }) =>
      bars.createPriceLine({
        price,
        title,
        color: token(color),
        lineStyle: dashed ? LineStyle.Dashed : LineStyle.Solid,
        lineWidth: 1,
        axisLabelVisible: true,
      }),
    );
    return () => {
      if (drawn.live) for (const line of made) bars.removePriceLine(line);
    };
  }, [drawn, lines]);

  const last = candles.at(-1);
  return (
    <figure
      ref={host}
      className="chart"
      aria-label={`${label}${last === undefined ? '' : `, last close ${showPrice(last.close, decimals)}`}`}
    />
  );
}

/** Takes the colours of the page's theme. */
function paint({ chart, bars }: Drawn): void {
  chart.applyOptions({
    layout: {
      background: { color: 'transparent' },
      textColor: token('--muted'),
      fontFamily: getComputedStyle(document.body).fontFamily,
      attributionLogo: true,
    },
    grid: { vertLines: { color: token('--line') }, horzLines: { color: token('--line') } },
    timeScale: { borderColor: token('--line') },
    rightPriceScale: { borderColor: token('--line') },
  });
  bars.applyOptions({
    upColor: token('--gain'),
    wickUpColor: token('--gain'),
    downColor: token('--loss'),
    wickDownColor: token('--loss'),
  });
}
