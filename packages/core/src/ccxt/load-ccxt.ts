import { loadPeer } from '../database/peer.ts';

/** The ccxt module. */
export type Ccxt = typeof import('ccxt');

let loading: Promise<Ccxt> | undefined;

/**
 * Loads ccxt when it is first needed, once per process: the import costs half a second and 100 MB. A failed load is tried
 * again by the next call.
 * @throws ConfigError `package.missing` with the install line when ccxt is not installed.
 */
export function loadCcxt(): Promise<Ccxt> {
  loading ??= loadPeer('ccxt', 'Live venues', () => import('ccxt')).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
