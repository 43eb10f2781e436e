import type { SeriesKind, SeriesSpan } from '@perpdesk/core';
import type { ScanPage } from './scan/scanner.ts';

/** The rows of a span in pages of some thousand, oldest first, as they lie in the table of their kind. @throws StoreError */
export type SnapshotPages = <Kind extends SeriesKind>(
  kind: Kind,
  span: SeriesSpan<Kind>,
  options?: { readonly signal?: AbortSignal },
) => AsyncIterable<ScanPage>;

/** A store that can be read as of one moment, off the event loop where there is another thread or a server. */
export interface SnapshotStore {
  /** Lets `act` read; the pages it gets are of one moment until it settles. @throws StoreError */
  snapshot<Result>(act: (pages: SnapshotPages) => Promise<Result>): Promise<Result>;
}

/** Whether a store can be read as of one moment. */
export const hasSnapshots = (store: object): store is SnapshotStore =>
  'snapshot' in store && typeof store.snapshot === 'function';
