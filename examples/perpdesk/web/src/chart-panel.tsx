import { type Timeframe, timeframes } from '@perpdesk/core';
import type { ListedInstrument } from '@perpdesk/core/api';
import { useCandles, useOrders, usePositions } from '@perpdesk/react';
import { lazy, Suspense, useMemo } from 'react';
import { chartLines } from './chart-lines.ts';
import { priceDecimals } from './format.ts';
import { Condition, Empty, Panel } from './panel.tsx';

// The chart's library is nearly half of the page: everything else shows first.
const PriceChart = lazy(() => import('./price-chart.tsx'));

/** Candles of the chosen market with the user's position and orders drawn in. */
export function ChartPanel({
  instrument,
  timeframe,
  onTimeframe,
}: {
  readonly instrument: ListedInstrument | undefined;
  readonly timeframe: Timeframe;
  readonly onTimeframe: (timeframe: Timeframe) => void;
}) {
  const series = useCandles(instrument?.id, timeframe);
  const positions = usePositions().data;
  const orders = useOrders().data;
  const lines = useMemo(() => chartLines(instrument?.id, positions, orders), [instrument?.id, positions, orders]);
  const last = series.data?.at(-1);
  const tabs = (
    <fieldset className="tabs" aria-label="Timeframe">
      {timeframes.map((each) => (
        <button
          key={each}
          type="button"
          className="tab"
          aria-pressed={each === timeframe}
          onClick={() => onTimeframe(each)}
        >
          {each}
        </button>
      ))}
    </fieldset>
  );
  return (
    <Panel title={instrument?.id ?? 'Chart'} aside={tabs} className="chart-panel" stale={series.stale}>
      <Condition of={series} name="Candles" />
      {series.data?.length === 0 && <Empty>No bar of {timeframe} has closed yet.</Empty>}
      {series.data && instrument && (
        <Suspense fallback={<Empty>Drawing …</Empty>}>
          <PriceChart
            key={`${instrument.id}:${timeframe}`}
            label={`Candles of ${instrument.market}, ${timeframe}`}
            candles={series.data}
            watch={series.watch}
            decimals={last === undefined ? 2 : priceDecimals(instrument.priceRule, last.close)}
            lines={lines}
          />
        </Suspense>
      )}
    </Panel>
  );
}
