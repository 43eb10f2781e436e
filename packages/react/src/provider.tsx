'use client';
import { DeskClient } from '@perpdesk/core/api';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { DeskStore } from './store/desk-store.ts';

const DeskContext = createContext<DeskStore | undefined>(undefined);

/** Properties of {@link DeskProvider}: a client, or a store that is shared with code outside React. Neither: the page's own origin. */
export type DeskProviderProps = { readonly children?: ReactNode } & (
  | { readonly client?: DeskClient; readonly store?: never }
  | { readonly store: DeskStore; readonly client?: never }
);

/**
 * Connects everything below it to a desk for as long as it is mounted. The client is taken at the first render; another
 * one needs another `key`.
 * @example
 * const client = new DeskClient({ baseUrl: 'http://127.0.0.1:4780' });
 * <DeskProvider client={client}>…</DeskProvider>
 */
export function DeskProvider({ client, store, children }: DeskProviderProps): ReactNode {
  const [own] = useState(() => store ?? new DeskStore({ client: client ?? new DeskClient() }));
  const used = store ?? own;
  useEffect(() => used.start(), [used]);
  return <DeskContext.Provider value={used}>{children}</DeskContext.Provider>;
}

/** The store of the nearest provider. @throws Error where there is none. */
export function useDeskStore(): DeskStore {
  const store = useContext(DeskContext);
  if (store === undefined) throw new Error('Use the hooks of @perpdesk/react below a <DeskProvider>.');
  return store;
}
