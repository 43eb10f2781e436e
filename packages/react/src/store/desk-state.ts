import type { Ticker } from '@perpdesk/core';
import type { JournalEvent, Snapshot, SnapshotRoute } from '@perpdesk/core/api';

/** Snapshots that are kept and fetched again when the journal says that they changed. */
export const keptRoutes = [
  '/status',
  '/instruments',
  '/tickers',
  '/opinions',
  '/rounds',
  '/positions',
  '/orders',
  '/accounts',
  '/approvals',
  '/proposals',
  '/predictions',
  '/track-records',
] as const satisfies readonly SnapshotRoute[];
/** A route of {@link keptRoutes}. */
export type KeptRoute = (typeof keptRoutes)[number];

/** Something fetched: what it was last, and how the fetching stands. */
export interface Resource<Data> {
  readonly status: 'loading' | 'ready' | 'failed';
  /** The last good answer, also after a newer fetch failed. */
  readonly data?: Data;
  /** Why the last fetch failed. */
  readonly error?: Error;
}

/** A resource as hooks give it. */
export type ResourceResult<Data> = Resource<Data> & {
  /** True when `data` may have changed since: the stream is down, or the last fetch failed. Never without data. */
  readonly stale: boolean;
};

/** All that is known of the desk in one immutable value. */
export interface DeskState {
  /** True while the stream is up. */
  readonly connected: boolean;
  /** Why the stream's last unreadable message was dropped; cleared when the stream is opened anew. */
  readonly streamError?: Error;
  /** Grows each time something may have been missed that has no snapshot here: series are fetched again then. */
  readonly epoch: number;
  readonly resources: { readonly [Route in KeptRoute]: Resource<Snapshot<Route>> };
  /** The newest price of each instrument. */
  readonly tickers: Readonly<Record<string, Ticker>>;
  /** Journal events, newest first, at most 300. */
  readonly events: Resource<readonly JournalEvent[]>;
}

const loading = { status: 'loading' } as const;

/** Before anything is known: the same on a server and in a browser. */
export const initialState: DeskState = {
  connected: false,
  epoch: 0,
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
    '/proposals': loading,
    '/predictions': loading,
    '/track-records': loading,
  },
  tickers: {},
  events: loading,
};
