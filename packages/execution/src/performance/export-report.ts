import { stringify } from 'csv-stringify/sync';
import type { PortfolioReport } from './portfolio-report.ts';

/** Tables of a report as CSV (RFC 4180, UTF-8, a header line; amounts as exact decimals, instants in ISO 8601 UTC). */
export const reportTables = ['trades', 'equity', 'attribution'] as const;
export type ReportTable = (typeof reportTables)[number];

/** Writes one table of a report. Text that a spreadsheet would run as a formula is led by an apostrophe. */
export function exportReport(report: PortfolioReport, table: ReportTable): string {
  return stringify([...rowsOf(report, table)], {
    header: true,
    columns: [...columns[table]],
    cast: { string: safeText },
  });
}

/** Amounts stay as they are: a loss begins with its sign. */
const safeText = (text: string): string =>
  /^[=+@\t\r-]/.test(text) && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;

const columns: Readonly<Record<ReportTable, readonly string[]>> = {
  trades: [
    ...['opened', 'closed', 'venue', 'instrument', 'direction', 'size', 'entry_price', 'exit_price', 'reason'],
    ...['realized_pnl', 'fees', 'funding', 'net_pnl', 'archetype', 'regime', 'trade_id', 'trace_id'],
  ],
  equity: ['at', 'equity', 'unrealized_pnl'],
  attribution: ['axis', 'name', 'trades', 'won', 'net_pnl'],
};

function rowsOf({ attribution, equity, trades }: PortfolioReport, table: ReportTable): readonly object[] {
  const instant = (atMs: number): string => new Date(atMs).toISOString();
  switch (table) {
    case 'trades':
      return trades.map((trade) => ({
        ...{ opened: instant(trade.openedAtMs), closed: instant(trade.closedAtMs) },
        ...{ venue: trade.venue, instrument: trade.instrumentId, direction: trade.direction, size: trade.size },
        ...{ entry_price: trade.entryPrice, exit_price: trade.exitPrice, reason: trade.reason },
        ...{ realized_pnl: trade.realizedPnl, fees: trade.fees, funding: trade.funding, net_pnl: trade.netPnl },
        ...{ archetype: trade.recommendation?.archetype, regime: trade.recommendation?.regime },
        ...{ trade_id: trade.tradeId, trace_id: trade.traceId },
      }));
    case 'equity':
      return equity.map((point) => ({
        ...{ at: instant(point.atMs), equity: point.equity, unrealized_pnl: point.unrealizedPnl },
      }));
    case 'attribution':
      return Object.entries(attribution).flatMap(([axis, names]) =>
        names.map(({ name, netPnl, trades: count, won }) => ({ axis, name, trades: count, won, net_pnl: netPnl })),
      );
  }
}
