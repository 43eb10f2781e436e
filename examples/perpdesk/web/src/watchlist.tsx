import type { InstrumentId } from '@perpdesk/core';
import type { ListedInstrument } from '@perpdesk/core/api';
import { useTicker } from '@perpdesk/react';
import { memo } from 'react';
import { showPrice } from './format.ts';
import { Empty, Panel } from './panel.tsx';

/** The markets and their prices. */
export function Watchlist({
  instruments,
  selected,
  onSelect,
}: {
  readonly instruments: readonly ListedInstrument[];
  readonly selected: InstrumentId | undefined;
  readonly onSelect: (id: InstrumentId) => void;
}) {
  return (
    <Panel title="Markets">
      {instruments.length === 0 && <Empty>No markets yet.</Empty>}
      <ul className="list">
        {instruments.map((instrument) => (
          <Row key={instrument.id} instrument={instrument} current={instrument.id === selected} onSelect={onSelect} />
        ))}
      </ul>
    </Panel>
  );
}

const Row = memo(function Row({
  instrument,
  current,
  onSelect,
}: {
  readonly instrument: ListedInstrument;
  readonly current: boolean;
  readonly onSelect: (id: InstrumentId) => void;
}) {
  const ticker = useTicker(instrument.id).data;
  return (
    <li>
      <button
        type="button"
        className={current ? 'row current' : 'row'}
        aria-pressed={current}
        onClick={() => onSelect(instrument.id)}
      >
        <span>{instrument.market}</span>
        <span className="number" data-testid={`price-${instrument.market}`}>
          {ticker ? showPrice(ticker.last) : '—'}
        </span>
      </button>
    </li>
  );
});
