import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** A library installed for the benchmarks, as far as the caller describes it; undefined where it is not there. */
export async function importPeer<Peer>(name: string): Promise<Peer | undefined> {
  try {
    const loaded: { default?: object } & object = await import(pathToFileURL(require.resolve(name)).href);
    return { ...loaded.default, ...loaded } as Peer;
  } catch {
    return undefined;
  }
}
