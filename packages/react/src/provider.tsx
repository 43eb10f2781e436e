'use client';
import { DeskClient } from '@perpdesk/core/api';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { DeskStore } from './store/desk-store.ts';

const DeskContext = createContext<DeskStore | undefined>(undefined);

/**
 * Connects everything below it to a desk.
 * @example
 * <DeskProvider client={new DeskClient()}>…</DeskProvider>
 */
export function DeskProvider({ client, store, children }: { readonly client?: DeskClient; readonly store?: DeskStore; readonly children: ReactNode }): ReactNode {
  const [own] = useState(() => store ?? new DeskStore({ client: client ?? new DeskClient() }));
  useEffect(() => own.start(), [own]);
  return <DeskContext.Provider value={own}>{children}</DeskContext.Provider>;
}

/** The store of the nearest provider. Throws where there is none. */
export function useDeskStore(): DeskStore {
  const store = useContext(DeskContext);
  if (store === undefined) throw new Error('Use the hooks of @perpdesk/react below a <DeskProvider>.');
  return store;
}
