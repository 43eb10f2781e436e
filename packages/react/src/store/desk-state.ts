import type { Candle, Ticker } from '@perpdesk/core';
import type { JournalEvent, Snapshot, SnapshotRoute } from '@perpdesk/core/api';

/** Snapshots that are kept and fetched again when the journal says that they changed. */
export const keptRoutes = ['/status', '/instruments', '/tickers', '/opinions', '/rounds', '/positions', '/orders', '/accounts', '/approvals'] as const satisfies readonly SnapshotRoute[];
export type KeptRoute = (typeof keptRoutes)[number];

/** Something fetched: what it was last, and how the fetching stands. */
export interface Resource<Data> {
  readonly status: 'loading' | 'ready' | 'failed';
  /** The last good answer, also while a newer one is being fetched or failed. */
  readonly data?: Data;
  readonly error?: Error;
}

/** All that is known of the desk in one immutable value. */
export interface DeskState {
  /** True while the stream is up; what is shown is stale otherwise. */
  readonly connected: boolean;
  readonly resources: { readonly [Route in KeptRoute]: Resource<Snapshot<Route>> };
  /** The newest price of each instrument. */
  readonly tickers: Readonly<Record<string, Ticker>>;
  /** The forming bars by `<instrument>:<timeframe>`. */
  readonly forming: Readonly<Record<string, Candle>>;
  /** Journal events, newest first, at most 300. */
  readonly events: readonly JournalEvent[];
}

const loading = { status: 'loading' } as const;

/** Before anything is known: the same on a server and in a browser. */
export const initialState: DeskState = {
  connected: false,
  resources: {
    '/status': loading,
    '/instruments': loading,
    '/tickers': loading,
    '/opinions': loading,
    '/rounds': loading,
    '/positions': loading,
    '/orders': loading,
    '/accounts': loading,
    '/approvals': loading,
  },
  tickers: {},
  forming: {},
  events: [],
};

/** Which snapshots an event of the journal makes old. */
export function outdatedBy(type: string): readonly KeptRoute[] {
  const [noun] = type.split('.');
  switch (noun) {
    case 'opinion':
      return ['/opinions'];
    case 'round':
    case 'turn':
      return ['/rounds'];
    case 'order':
    case 'position':
    case 'protection':
    case 'funding':
    case 'account':
    case 'trade':
      return ['/positions', '/orders', '/accounts'];
    case 'approval':
    case 'signal':
      return ['/approvals'];
    case 'trading-state':
    case 'service':
      return ['/status'];
    default:
      return [];
  }
}
