'use client';
import { useCallback, useRef, useSyncExternalStore } from 'react';
import { useDeskStore } from '../provider.tsx';
import { type DeskState, initialState } from '../store/desk-state.ts';

/**
 * Reads a part of the desk's state; the component renders again only when `equal` says that the part changed (default: by
 * identity). On a server, and at the first render in a browser, it is the part of an empty desk.
 */
export function useDesk<Part>(select: (state: DeskState) => Part, equal: (a: Part, b: Part) => boolean = Object.is): Part {
  const store = useDeskStore();
  const last = useRef<{ readonly part: Part } | undefined>(undefined);
  const read = useCallback(() => {
    const part = select(store.get());
    if (last.current !== undefined && equal(last.current.part, part)) return last.current.part;
    last.current = { part };
    return part;
  }, [store, select, equal]);
  const readOnServer = useCallback(() => select(initialState), [select]);
  return useSyncExternalStore(store.subscribe, read, readOnServer);
}
