import type { InstrumentId } from '@perpdesk/core';
import type { ListedInstrument } from '@perpdesk/core/api';
import { type ResourceResult, useTicker } from '@perpdesk/react';
import { memo } from 'react';
import { priceDecimals, showPrice, unknown } from './format.ts';
import { Condition, Empty, Panel } from './panel.tsx';

/** The markets and their prices. */
export function Watchlist({
  instruments,
  references,
  selected,
  onSelect,
}: {
  readonly instruments: ResourceResult<readonly ListedInstrument[]>;
  readonly references: readonly ListedInstrument[];
  readonly selected: InstrumentId | undefined;
  readonly onSelect: (id: InstrumentId) => void;
}) {
  return (
    <Panel title="Markets" stale={instruments.stale}>
      <Condition of={instruments} name="Markets" />
      {instruments.data && references.length === 0 && <Empty>No market has data yet.</Empty>}
      <ul className="list">
        {references.map((instrument) => (
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
  const { data: ticker, stale } = useTicker(instrument.id);
  return (
    <li>
      <button
        type="button"
        className={current ? 'row current' : 'row'}
        aria-pressed={current}
        onClick={() => onSelect(instrument.id)}
      >
        <span>{instrument.market}</span>
        <span className={`number ${stale ? 'stale' : ''}`} data-testid={`price-${instrument.market}`}>
          {ticker ? showPrice(ticker.last, priceDecimals(instrument.priceRule, ticker.last)) : unknown}
        </span>
      </button>
    </li>
  );
});
