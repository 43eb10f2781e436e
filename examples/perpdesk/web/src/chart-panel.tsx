import { type Timeframe, timeframes } from '@perpdesk/core';
import type { ListedInstrument } from '@perpdesk/core/api';
import { useCandles, usePositions } from '@perpdesk/react';
import { Empty, Panel } from './panel.tsx';
import { PriceChart } from './price-chart.tsx';

/** Candles of the chosen market with the user's entry, stop and targets drawn in. */
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
  const position = usePositions().data?.find((held) => held.instrumentId === instrument?.id);
  const tabs = (
    <fieldset className="tabs" aria-label="Timeframe">
      {timeframes.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === timeframe}
          className={each === timeframe ? 'tab current' : 'tab'}
          onClick={() => onTimeframe(each)}
        >
          {each}
        </button>
      ))}
    </fieldset>
  );
  return (
    <Panel title={instrument?.id ?? 'Chart'} aside={tabs} className="chart-panel">
      {series.status === 'failed' && <Empty>Candles could not be fetched: {series.error?.message}</Empty>}
      {series.data && instrument && (
        <PriceChart
          key={`${instrument.id}:${timeframe}`}
          candles={series.data}
          watch={series.watch}
          position={position}
        />
      )}
      {series.status === 'loading' && series.data === undefined && <Empty>Fetching candles …</Empty>}
    </Panel>
  );
}
