import type { Candle } from '@perpdesk/core';
import type { GuardedPosition } from '@perpdesk/core/api';
import type { CandleSeries } from '@perpdesk/react';
import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { showPrice } from './format.ts';

const bar = ({ openAtMs, open, high, low, close }: Candle): CandlestickData<UTCTimestamp> => ({
  time: (openAtMs / 1000) as UTCTimestamp,
  open,
  high,
  low,
  close,
});
const volume = ({ openAtMs, open, close, volume: value }: Candle) => ({
  time: (openAtMs / 1000) as UTCTimestamp,
  value,
  color: close >= open ? 'rgba(38,166,154,.35)' : 'rgba(239,83,80,.35)',
});

/** A candle chart that is fed past React: the forming bar goes straight into the series. */
export function PriceChart({
  candles,
  watch,
  position,
}: {
  readonly candles: readonly Candle[];
  readonly watch: CandleSeries['watch'];
  readonly position: GuardedPosition | undefined;
}) {
  const host = useRef<HTMLElement>(null);
  const price = useRef<ISeriesApi<'Candlestick'>>(null);

  useEffect(() => {
    if (host.current === null) return;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    const chart = createChart(host.current, {
      autoSize: true,
      layout: { background: { color: 'transparent' }, textColor: token('--muted'), attributionLogo: true },
      grid: { vertLines: { color: token('--line') }, horzLines: { color: token('--line') } },
      timeScale: { timeVisible: true, secondsVisible: false, borderColor: token('--line') },
      rightPriceScale: { borderColor: token('--line') },
    });
    const last = candles[candles.length - 1]?.close ?? 1;
    const minMove = 10 ** Math.min(0, Math.floor(Math.log10(last)) - 5);
    const bars = chart.addSeries(CandlestickSeries, {
      upColor: token('--gain'),
      downColor: token('--loss'),
      borderVisible: false,
      wickUpColor: token('--gain'),
      wickDownColor: token('--loss'),
      priceFormat: { type: 'custom', formatter: showPrice, minMove: last >= 1000 ? 0.1 : minMove },
    });
    const volumes = chart.addSeries(HistogramSeries, { priceFormat: { type: 'volume' }, priceScaleId: 'volume' });
    chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
    bars.setData(candles.map(bar));
    volumes.setData(candles.map(volume));
    price.current = bars;
    let newest = candles[candles.length - 1]?.openAtMs ?? 0;
    const unwatch = watch((candle) => {
      if (candle.openAtMs < newest) return;
      newest = candle.openAtMs;
      bars.update(bar(candle));
      volumes.update(volume(candle));
    });
    return () => {
      unwatch();
      price.current = null;
      chart.remove();
    };
  }, [candles, watch]);

  useEffect(() => {
    const series = price.current;
    if (series === null || position === undefined) return;
    const lines = [
      {
        price: Number(position.entryPrice),
        title: `${position.direction} entry`,
        color: '#8ab4f8',
        lineStyle: LineStyle.Solid,
      },
      ...(position.protection.stopLoss === undefined
        ? []
        : [
            {
              price: Number(position.protection.stopLoss),
              title: 'stop',
              color: '#ef5350',
              lineStyle: LineStyle.Dashed,
            },
          ]),
      ...position.protection.takeProfits.map((target, index) => ({
        price: Number(target.price),
        title: `target ${index + 1}`,
        color: '#26a69a',
        lineStyle: LineStyle.Dashed,
      })),
    ].map((line) => series.createPriceLine({ ...line, lineWidth: 1, axisLabelVisible: true }));
    return () => {
      if (price.current === series) for (const line of lines) series.removePriceLine(line);
    };
  }, [position]);

  return (
    <section
      ref={host}
      className="chart"
      aria-label={`Candle chart, last close ${showPrice(candles[candles.length - 1]?.close ?? 0)}`}
    />
  );
}
