import { join } from 'node:path';
import {
  type Candle,
  Decimal,
  type Fill,
  marketOf,
  type Order,
  type Position,
  roundKey,
  type Signal,
  timeframeMs,
} from '@perpdesk/core';
import Sqlite from 'better-sqlite3';

/** What a data directory holds, read while no desk runs in it. */
export interface DeskFiles {
  /** The simulated instant that was kept last. */
  readonly atMs: number;
  /** Payloads of the journal in its order. */
  readonly journal: readonly { readonly id: string; readonly type: string; readonly payload: unknown }[];
  readonly paper: {
    readonly fills: readonly Fill[];
    readonly orders: readonly Order[];
    readonly positions: readonly Position[];
    readonly account: { readonly realizedPnl: string; readonly fees: string; readonly funding: string };
    readonly funding: readonly { readonly amount: string }[];
  };
}

/** Reads the databases of a data directory. */
export function readDeskFiles(directory: string): DeskFiles {
  const market = new Sqlite(join(directory, 'market.db'));
  const desk = new Sqlite(join(directory, 'desk.db'));
  const paper = new Sqlite(join(directory, 'paper.db'));
  try {
    const rows = <Row>(database: Sqlite.Database, query: string): Row[] => database.prepare<[], Row>(query).all();
    const data = <Value>(query: string): Value[] =>
      rows<{ data: string }>(paper, query).map((row): Value => JSON.parse(row.data));
    const [state] = rows<{ at_ms: number }>(market, `select at_ms from market_source_states where name = 'simulator'`);
    const [account] = rows<{ realized_pnl: string; fees: string; funding: string }>(
      paper,
      'select * from paper_accounts',
    );
    return {
      atMs: state?.at_ms ?? 0,
      journal: rows<{ id: string; type: string; payload: string }>(
        desk,
        'select id, type, payload from perpdesk_events order by position',
      ).map((row) => ({ ...row, payload: JSON.parse(row.payload) })),
      paper: {
        fills: data('select data from paper_fills order by version, ordinal'),
        orders: data<{ order: Order }>('select data from paper_orders order by sequence').map(({ order }) => order),
        positions: data('select data from paper_positions'),
        funding: data('select data from paper_funding'),
        account: {
          realizedPnl: account?.realized_pnl ?? '0',
          fees: account?.fees ?? '0',
          funding: account?.funding ?? '0',
        },
      },
    };
  } finally {
    for (const database of [market, desk, paper]) database.close();
  }
}

/** Everything that is not as it must be, a sentence each; empty for a sound desk. */
export function faultsOf({ atMs, journal, paper }: DeskFiles): string[] {
  const faults: string[] = [];
  const of = <Payload>(type: string): Payload[] =>
    journal.filter((event) => event.type === type).map((event) => event.payload as Payload);
  const once = (what: string, ids: readonly string[]): void => {
    const seen = new Set<string>();
    for (const id of ids) {
      if (seen.has(id)) faults.push(`${what} ${id} is there twice`);
      seen.add(id);
    }
  };
  const same = (what: string, found: string, wanted: string): void => {
    if (found !== wanted) faults.push(`${what}: ${found}, not ${wanted}`);
  };
  const total = (values: readonly string[]): string =>
    values.reduce((sum, value) => sum.plus(value), new Decimal(0)).toFixed();

  once(
    'event',
    journal.map((event) => event.id),
  );
  once(
    'order',
    paper.orders.map((order) => order.clientOrderId),
  );
  once(
    'fill',
    paper.fills.map((fill) => fill.id),
  );
  const told = of<{ fill: Fill }>('order.filled').map(({ fill }) => fill.id);
  once('told fill', told);
  same(
    'fills told',
    [...told].sort().join(),
    paper.fills
      .map((fill) => fill.id)
      .sort()
      .join(),
  );
  once(
    'round',
    of<{ round: { key: string } }>('round.concluded').map(({ round }) => round.key),
  );
  once(
    'signal',
    of<Signal>('signal.issued').map((signal) => signal.id),
  );

  // Every quarter of an hour of a reference was debated, but for the one that may be under way.
  const concluded = new Set(of<{ round: { key: string } }>('round.concluded').map(({ round }) => round.key));
  for (const { instrumentId, timeframe, openAtMs } of of<Candle>('candle.closed')) {
    const closeAtMs = openAtMs + timeframeMs(timeframe);
    if (timeframe !== '15m' || !instrumentId.endsWith('@hyperliquid') || closeAtMs > atMs - 60_000) continue;
    const key = roundKey(marketOf(instrumentId), timeframe, closeAtMs);
    if (!concluded.has(key)) faults.push(`round ${key} was never concluded`);
  }

  // Nothing was sent twice: what a trade's entries ask for in all is at most what its signal allows.
  for (const signal of of<Signal>('signal.issued')) {
    const legs = paper.orders.filter((order) => order.purpose === 'entry' && order.signalId === signal.id);
    if (new Decimal(total(legs.map((order) => order.size))).greaterThan(signal.size))
      faults.push(`${signal.id} was entered with more than ${signal.size}`);
  }

  // The ledger follows from its fills.
  same('realised', paper.account.realizedPnl, total(paper.fills.map((fill) => fill.realizedPnl)));
  same('fees', paper.account.fees, total(paper.fills.map((fill) => fill.fee)));
  same('funding', paper.account.funding, total(paper.funding.map((payment) => payment.amount)));
  const held = new Map<string, Decimal>();
  for (const { instrumentId, side, size } of paper.fills)
    held.set(instrumentId, (held.get(instrumentId) ?? new Decimal(0)).plus(side === 'buy' ? size : `-${size}`));
  for (const { instrumentId, direction, size } of paper.positions) {
    same(
      `position in ${instrumentId}`,
      direction === 'long' ? size : `-${size}`,
      held.get(instrumentId)?.toFixed() ?? '0',
    );
    held.delete(instrumentId);
  }
  for (const [id, size] of held) if (!size.isZero()) faults.push(`${size.toFixed()} of ${id} is held by no position`);
  same(
    'positions open',
    String(of('position.opened').length - of('position.closed').length),
    String(paper.positions.length),
  );

  // Each position has a resting stop over the whole of it.
  for (const position of paper.positions) {
    const stops = paper.orders.filter(
      (order) =>
        order.instrumentId === position.instrumentId &&
        order.purpose === 'stop-loss' &&
        (order.status === 'open' || order.status === 'partially-filled' || order.status === 'triggered'),
    );
    if (new Decimal(total(stops.map((order) => order.size))).lessThan(position.size))
      faults.push(`${position.instrumentId} has ${position.size} and stops over less`);
  }

  // No bar was lost or given twice.
  for (const event of journal)
    if (event.type === 'candle.skipped' || event.type === 'feed.gapped') faults.push(event.id);
  const last = new Map<string, number>();
  for (const { instrumentId, timeframe, openAtMs } of of<Candle>('candle.closed')) {
    const key = `${instrumentId}:${timeframe}`;
    const before = last.get(key);
    if (before !== undefined && openAtMs !== before + timeframeMs(timeframe))
      faults.push(`${key} goes on from ${before} at ${openAtMs}`);
    last.set(key, openAtMs);
  }
  return faults;
}
