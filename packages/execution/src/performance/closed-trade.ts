import {
  type CloseReason,
  type DomainEvent,
  type EventBus,
  type InstrumentId,
  minus,
  type Price,
  plus,
  type Recommendation,
  type Size,
  type TradeDirection,
  type Usd,
} from '@perpdesk/core';

/** A position that is over, and the decision it came from. */
export interface ClosedTrade {
  readonly userId: string;
  readonly venue: string;
  readonly instrumentId: InstrumentId;
  readonly direction: TradeDirection;
  /** As it last stood before it was closed. */
  readonly size: Size;
  readonly entryPrice: Price;
  readonly exitPrice: Price;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  readonly reason: CloseReason;
  /** Before fees and funding. */
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  readonly funding: Usd;
  /** realizedPnl − fees + funding. */
  readonly netPnl: Usd;
  readonly tradeId?: string;
  readonly traceId: string;
  /** The plan it was entered on; absent for what people or others opened. */
  readonly recommendation?: Pick<Recommendation, 'id' | 'archetype' | 'regime' | 'contributors'>;
}

const pageSize = 1_000;

/**
 * The closed positions of a user in [fromMs, toMs] by the journal, oldest first, each with the recommendation of its trace.
 * @throws StoreError
 */
export async function readClosedTrades(
  eventBus: EventBus,
  userId: string,
  { fromMs, toMs, venue }: { readonly fromMs: number; readonly toMs: number; readonly venue?: string },
): Promise<readonly ClosedTrade[]> {
  const trades: ClosedTrade[] = [];
  for await (const event of readAll(eventBus, userId)) {
    if (event.atMs < fromMs || event.atMs > toMs) continue;
    if (venue !== undefined && event.payload.position.venue !== venue) continue;
    trades.push(tradeOf(event, await recommendationOf(eventBus, event.traceId)));
  }
  return trades;
}

async function* readAll(eventBus: EventBus, userId: string): AsyncGenerator<DomainEvent<'position.closed'>> {
  for (let afterPosition = 0; ; ) {
    const page = await eventBus.read({ types: ['position.closed'], userId, afterPosition, limit: pageSize });
    for (const { event } of page) if (event.type === 'position.closed') yield event;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    afterPosition = last.position;
  }
}

async function recommendationOf(eventBus: EventBus, traceId: string): Promise<Recommendation | undefined> {
  const [found] = await eventBus.read({ types: ['recommendation.published'], traceId, limit: 1 });
  return found?.event.type === 'recommendation.published' ? found.event.payload : undefined;
}

function tradeOf(
  { atMs, payload, traceId }: DomainEvent<'position.closed'>,
  recommendation: Recommendation | undefined,
): ClosedTrade {
  const { exitPrice, fees, funding, position, realizedPnl, reason, tradeId } = payload;
  const { direction, entryPrice, instrumentId, openedAtMs, size, userId, venue } = position;
  return {
    ...{ userId, venue, instrumentId, direction, size, entryPrice, exitPrice, openedAtMs, closedAtMs: atMs, reason },
    ...{ realizedPnl, fees, funding, netPnl: plus(minus(realizedPnl, fees), funding), traceId },
    ...(tradeId === undefined ? {} : { tradeId }),
    ...(recommendation === undefined ? {} : { recommendation: briefOf(recommendation) }),
  };
}

const briefOf = ({
  archetype,
  contributors,
  id,
  regime,
}: Recommendation): NonNullable<ClosedTrade['recommendation']> => ({
  ...{ id, archetype, contributors },
  ...(regime === undefined ? {} : { regime }),
});
