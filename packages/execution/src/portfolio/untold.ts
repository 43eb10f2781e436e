import type { InstrumentId, NewDomainEvent, Order } from '@perpdesk/core';
import type { FillCursor } from './fill-cursor.ts';
import type { HeldPosition } from './held-position.ts';

/** What an account has to keep and to tell, as one whole. */
export interface Untold {
  readonly events: readonly NewDomainEvent[];
  /** Positions that changed, as they stand; undefined: gone. */
  readonly held: ReadonlyMap<InstrumentId, HeldPosition | undefined>;
  /** Orders that changed, as they stand. */
  readonly orders: ReadonlyMap<string, Order>;
  readonly cursor: FillCursor;
}

/** What came first, with what came after it. */
export const joinUntold = (earlier: Untold, later: Untold): Untold => ({
  events: [...earlier.events, ...later.events],
  held: new Map([...earlier.held, ...later.held]),
  orders: new Map([...earlier.orders, ...later.orders]),
  cursor: later.cursor,
});
