import { PerpDeskError, type PredictionContract, type PredictionQuery, type PredictionSource } from '@perpdesk/core';

/** What is looked through in one scan. */
export interface ScanQuery extends Pick<PredictionQuery, 'minVolume24h' | 'closesFromMs' | 'closesBeforeMs'> {
  /** Pages asked for of each source. */
  readonly pages: number;
  /** Contracts on a page, 1 to 100. */
  readonly pageSize: number;
  /** Contracts taken of each source, the most traded first. */
  readonly mostPerSource: number;
}

/** What a scan found. */
export interface Scanned {
  readonly contracts: readonly PredictionContract[];
  /** Why a source could not be looked through, by venue. What it gave before stands. */
  readonly failures: ReadonlyMap<PredictionContract['venue'], string>;
}

/** Looks through open contracts of all sources side by side. One that fails leaves the others. Rejects only when aborted. */
export async function scanContracts(
  sources: readonly PredictionSource[],
  query: ScanQuery,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Scanned> {
  const failures = new Map<PredictionContract['venue'], string>();
  const all = await Promise.all(
    sources.map(async (source) => {
      const found = new Map<string, PredictionContract>();
      try {
        await readPages(source, query, found, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        failures.set(source.venue, PerpDeskError.is(error) ? error.message : 'It failed in a way of its own.');
      }
      return [...found.values()]
        .sort((a, b) => (b.volume24h ?? 0) - (a.volume24h ?? 0) || (a.id < b.id ? -1 : 1))
        .slice(0, query.mostPerSource);
    }),
  );
  return { contracts: all.flat(), failures };
}

async function readPages(
  source: PredictionSource,
  { pages, pageSize, mostPerSource: _, ...wanted }: ScanQuery,
  found: Map<string, PredictionContract>,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await source.search(
      { ...wanted, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
      options,
    );
    for (const contract of answer.contracts)
      if (contract.venue === source.venue && contract.resolution === undefined) found.set(contract.id, contract);
    ({ cursor } = answer);
    if (cursor === undefined) return;
  }
}
