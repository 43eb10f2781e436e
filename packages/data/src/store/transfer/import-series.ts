import { type SeriesKind, type SeriesRows, type SeriesStore, StoreError, type WriteOutcome } from '@perpdesk/core';
import { turn } from '../bulk-upsert.ts';
import { type ImportFinding, rowFrom } from './series-columns.ts';
import { formatOf, sourceOf, type TransferFormat } from './transfer-file.ts';

/** Rows that are written at a time. */
const rowsPerPart = 2000;
/** Findings that are told; the others are counted. */
const toldFindings = 100;

/** What {@link importSeries} reads. */
export interface SeriesImport<Kind extends SeriesKind> {
  readonly store: SeriesStore;
  readonly kind: Kind;
  readonly path: string;
  /** Default: by the path, `.csv` or `.parquet`. */
  readonly format?: TransferFormat;
}

/** What became of a file: all of it was written, or nothing. */
export type ImportOutcome =
  | ({ readonly status: 'imported'; readonly rows: number } & WriteOutcome)
  | {
      readonly status: 'refused';
      /** Rows that can not be read or can not be of the kind. */
      readonly malformed: number;
      /** The first 100 of them that were met, by line. */
      readonly findings: readonly ImportFinding[];
    };

/**
 * Reads series from a CSV or Parquet file into a store, a part at a time. The file is read twice: first every row is
 * checked, then, when none was malformed, all are written. Importing a file again changes nothing; should the store fail
 * in between, import it again.
 * @throws ValidationError `import.columns`, `import.file`, `transfer.format`; StoreError, also `import.changed` for a file that
 * changed meanwhile; what the file system throws.
 */
export async function importSeries<Kind extends SeriesKind>(
  request: SeriesImport<Kind>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ImportOutcome> {
  const { store, kind, path, format = formatOf(path) } = request;
  const findings: ImportFinding[] = [];
  let malformed = 0;
  const parts = (): AsyncGenerator<readonly SeriesRows[Kind][]> =>
    partsOf(format, path, kind, options.signal, (finding) => {
      malformed += 1;
      if (findings.length < toldFindings) findings.push(finding);
    });
  for await (const _ of parts());
  if (malformed > 0) return { status: 'refused', malformed, findings: findings.sort((a, b) => a.line - b.line) };
  let [rows, inserted, replaced, unchanged] = [0, 0, 0, 0];
  for await (const part of parts()) {
    const outcome = await store.write(kind, part, options);
    rows += part.length;
    inserted += outcome.inserted;
    replaced += outcome.replaced;
    unchanged += outcome.unchanged;
  }
  if (malformed > 0)
    throw new StoreError('import.changed', `${path} changed while it was imported: ${rows} rows of it were written.`);
  return { status: 'imported', rows, inserted, replaced, unchanged };
}

/** The good rows of a file in parts; the others are told. */
async function* partsOf<Kind extends SeriesKind>(
  format: TransferFormat,
  path: string,
  kind: Kind,
  signal: AbortSignal | undefined,
  tell: (finding: ImportFinding) => void,
): AsyncGenerator<readonly SeriesRows[Kind][]> {
  let part: SeriesRows[Kind][] = [];
  let seen = 0;
  for await (const source of sourceOf(format, path, kind)) {
    const result = 'cells' in source ? rowFrom(kind, source.cells) : source;
    if ('row' in result) part.push(result.row);
    else tell({ line: source.line, reason: result.reason });
    seen += 1;
    if (seen % rowsPerPart !== 0) continue;
    signal?.throwIfAborted();
    yield part;
    part = [];
    await turn();
  }
  if (part.length > 0) yield part;
}
