'use client';
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useDeskStore } from '../provider.tsx';
import { type DeskState, initialState } from '../store/desk-state.ts';

/**
 * Reads a part of the desk's state; the component renders again only when `equal` says that the part changed. Default: by
 * identity, so a `select` that makes a new object each time needs an `equal`. On a server, and at the first render in a
 * browser, it is the part of an empty desk.
 * @example
 * const open = useDesk((state) => state.resources['/positions'].data?.length ?? 0);
 */
export function useDesk<Part>(
  select: (state: DeskState) => Part,
  equal: (a: Part, b: Part) => boolean = Object.is,
): Part {
  const store = useDeskStore();
  const last = useRef<{ readonly part: Part } | undefined>(undefined);
  const read = useCallback(() => {
    const part = select(store.get());
    if (last.current !== undefined && equal(last.current.part, part)) return last.current.part;
    last.current = { part };
    return part;
  }, [store, select, equal]);
  const readOnServer = useMemo(() => {
    const part = select(initialState);
    return () => part;
  }, [select]);
  return useSyncExternalStore(store.subscribe, read, readOnServer);
}

/** True while the stream is up. */
export const useConnected = (): boolean => useDesk(isConnected);
const isConnected = (state: DeskState): boolean => state.connected;
