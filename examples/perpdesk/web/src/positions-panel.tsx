import { type InstrumentId, toPrice, unrealizedPnl } from '@perpdesk/core';
import type { GuardedPosition } from '@perpdesk/core/api';
import { useDeskActions, useOrders, usePositions, useTicker } from '@perpdesk/react';
import { ConfirmedButton } from './confirmed-button.tsx';
import { directionText, directionTone, marketName, showSignedUsd, showSize, showUsd, tone, unknown } from './format.ts';
import { Condition, Empty, Panel } from './panel.tsx';
import { usePriceFormat } from './use-price-format.ts';

const heads: readonly (readonly [string, string])[] = [
  ['Market', ''],
  ['Side', ''],
  ['Size', 'number'],
  ['Entry', 'number'],
  ['Mark', 'number'],
  ['Unrealised', 'number'],
  ['Stop', 'number'],
  ['Targets', 'number'],
  ['Liquidation', 'number'],
  ['Margin', 'number'],
];

type OnSelect = (id: InstrumentId) => void;

/** Open positions, their protection as it rests at the venue, and a way out; below them the entries that rest. */
export function PositionsPanel({ onSelect }: { readonly onSelect: OnSelect }) {
  const positions = usePositions();
  const { flatten } = useDeskActions();
  const held = positions.data ?? [];
  const closeAll = held.length > 0 && (
    <ConfirmedButton
      label="Close all"
      className="danger"
      question={`Close ${held.length} position${held.length > 1 ? 's' : ''} at the market?`}
      confirm="Close all"
      keep="Keep them"
      act={async () => {
        const { outcome, detail } = await flatten();
        return outcome === 'accepted' || outcome === 'flat' ? undefined : `${outcome}: ${detail}`;
      }}
    />
  );
  return (
    <Panel title="Positions" aside={closeAll} className="positions" scroll stale={positions.stale}>
      <Condition of={positions} name="Positions" />
      {positions.data && held.length === 0 && (
        <Empty>No open position. The desk opens one when a round publishes a plan.</Empty>
      )}
      {held.length > 0 && (
        <table className={positions.stale ? 'stale' : ''}>
          <thead>
            <tr>
              {heads.map(([head, className]) => (
                <th key={head} scope="col" className={className}>
                  {head}
                </th>
              ))}
              <th scope="col" className="act">
                <span className="hidden">Close</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {held.map((position) => (
              <Row key={`${position.venue}:${position.instrumentId}`} position={position} onSelect={onSelect} />
            ))}
          </tbody>
        </table>
      )}
      <RestingEntries onSelect={onSelect} />
    </Panel>
  );
}

function Row({ position, onSelect }: { readonly position: GuardedPosition; readonly onSelect: OnSelect }) {
  const { closePosition } = useDeskActions();
  const show = usePriceFormat();
  const { instrumentId, direction, size, entryPrice, protection, venue } = position;
  const price = (value: string | undefined): string => (value === undefined ? unknown : show(instrumentId, value));
  // The mark moves with every tick; what was fetched is some seconds old.
  const mark = useTicker(instrumentId).data?.mark;
  const markPrice = mark === undefined ? position.markPrice : toPrice(mark);
  const profit = unrealizedPnl({ direction, entryPrice, markPrice, size });
  const covered = protection.stopLoss !== undefined && Number(protection.stopSize) >= Number(size);
  return (
    <tr data-testid="position">
      <th scope="row">
        <button type="button" className="link" onClick={() => onSelect(instrumentId)}>
          {marketName(instrumentId)}
        </button>
      </th>
      <td className={directionTone[direction]}>
        {directionText[direction]} {position.leverage}×
      </td>
      <td className="number">{showSize(size)}</td>
      <td className="number">{price(entryPrice)}</td>
      <td className="number">{price(markPrice)}</td>
      <td className={`number ${tone(profit)}`}>{showSignedUsd(profit)}</td>
      <td className="number">{covered ? price(protection.stopLoss) : <strong className="loss">not covered</strong>}</td>
      <td className="number">{protection.takeProfits.map((target) => price(target.price)).join(' · ') || unknown}</td>
      <td className="number">{price(position.liquidationPrice)}</td>
      <td className="number">{showUsd(position.margin)}</td>
      <td className="act">
        <ConfirmedButton
          label={
            <>
              Close<span className="hidden"> {marketName(instrumentId)}</span>
            </>
          }
          question={`Close the ${direction} of ${showSize(size)} ${marketName(instrumentId)} at the market?`}
          confirm="Close at market"
          keep="Keep"
          act={async () => {
            const { outcome, detail } = await closePosition({ venue, instrumentId });
            return outcome === 'accepted' || outcome === 'flat' ? undefined : (detail ?? outcome);
          }}
        />
      </td>
    </tr>
  );
}

/** Orders that may open a position yet. Those that protect one are in its row. */
function RestingEntries({ onSelect }: { readonly onSelect: OnSelect }) {
  const show = usePriceFormat();
  const entries = useOrders().data?.filter((order) => order.purpose === 'entry') ?? [];
  if (entries.length === 0) return null;
  return (
    <table>
      <caption>Resting entries</caption>
      <thead>
        <tr>
          <th scope="col">Market</th>
          <th scope="col">Order</th>
          <th scope="col" className="number">
            Size
          </th>
          <th scope="col" className="number">
            Filled
          </th>
          <th scope="col" className="number">
            Price
          </th>
          <th scope="col" className="number">
            Stop once filled
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((order) => (
          <tr key={order.clientOrderId}>
            <th scope="row">
              <button type="button" className="link" onClick={() => onSelect(order.instrumentId)}>
                {marketName(order.instrumentId)}
              </button>
            </th>
            <td>
              {order.side} {order.type}
            </td>
            <td className="number">{showSize(order.size)}</td>
            <td className="number">{showSize(order.filledSize)}</td>
            <td className="number">{order.price === undefined ? 'market' : show(order.instrumentId, order.price)}</td>
            <td className="number">
              {order.stopLoss === undefined ? unknown : show(order.instrumentId, order.stopLoss)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
