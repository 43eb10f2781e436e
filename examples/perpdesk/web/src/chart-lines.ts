import type { InstrumentId, Order } from '@perpdesk/core';
import type { GuardedPosition } from '@perpdesk/core/api';

/** A horizontal line of the chart: its colour is a token of the theme, its title says what it is without colour. */
export interface ChartLine {
  readonly price: number;
  readonly title: string;
  readonly token: '--entry' | '--loss' | '--gain' | '--muted';
  readonly dashed: boolean;
}

/** The user's entry, stop, targets and resting entries on an instrument. */
export function chartLines(
  instrumentId: InstrumentId | undefined,
  positions: readonly GuardedPosition[] = [],
  orders: readonly Order[] = [],
): readonly ChartLine[] {
  const held = positions.filter((position) => position.instrumentId === instrumentId);
  const resting = orders.filter((order) => order.instrumentId === instrumentId && order.purpose === 'entry');
  return [
    ...held.flatMap(({ direction, entryPrice, protection }): ChartLine[] => [
      { price: Number(entryPrice), title: direction, token: '--entry', dashed: false },
      ...(protection.stopLoss === undefined
        ? []
        : [{ price: Number(protection.stopLoss), title: 'stop', token: '--loss', dashed: true } as const]),
      ...protection.takeProfits.map(
        (target, index) =>
          ({ price: Number(target.price), title: `target ${index + 1}`, token: '--gain', dashed: true }) as const,
      ),
    ]),
    ...resting.flatMap(({ price, side }): ChartLine[] =>
      price === undefined ? [] : [{ price: Number(price), title: `${side} order`, token: '--muted', dashed: true }],
    ),
  ];
}
