import { type SeriesIdentity, type SeriesKind, type SeriesRows, ValidationError } from '@perpdesk/core';
import type { ScanPage } from '../scan/scanner.ts';
import type { Cell, ColumnType } from '../tables/column.ts';
import type { SeriesTable } from '../tables/series-table.ts';
import { seriesTables } from '../tables/series-tables.ts';

/** A column of a file. */
export interface FileColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly optional: boolean;
}

/** What is wrong with a row of a file. */
export interface ImportFinding {
  /** CSV: the line it ends on, the header being line 1. Parquet: the number of the row, from 1. */
  readonly line: number;
  readonly reason: string;
}

/** The columns of a kind: what names the series, then its fields by their names in the domain. */
export function fileColumns(kind: SeriesKind): readonly FileColumn[] {
  const table = seriesTables[kind];
  return [
    ...table.identity.map((name) => ({ name, type: 'text' as const, optional: false })),
    ...table.cells.map(({ type, optional }, place) => ({ name: table.fields[place] ?? '', type, optional })),
  ];
}

/** What names a series in the first columns of a file. */
export function identityCells<Kind extends SeriesKind>(kind: Kind, series: SeriesIdentity<Kind>): string[] {
  const table = seriesTables[kind];
  const { subject, timeframe } = table.identityOf(series);
  return [subject, ...(table.bars ? [String(timeframe)] : [])];
}

/** Rows as the page that a scan of their table would give. */
export function pageOf<Row>(table: SeriesTable<Row>, rows: readonly Row[]): ScanPage {
  const cells = rows.map((row) => table.toCells(row));
  return {
    length: rows.length,
    columns: table.cells.map(({ type }, place) =>
      type === 'text'
        ? cells.map((row) => (typeof row[place] === 'string' ? row[place] : null))
        : Float64Array.from(cells, (row) => (typeof row[place] === 'number' ? row[place] : Number.NaN)),
    ),
  };
}

/**
 * Where each column of a kind lies in a file.
 * @throws ValidationError `import.columns` for a file that lacks one, or has one that the kind does not know.
 */
export function placesIn(kind: SeriesKind, header: readonly string[]): readonly (number | undefined)[] {
  const columns = fileColumns(kind);
  const missing = columns.filter(({ name, optional }) => !optional && !header.includes(name)).map(({ name }) => name);
  const unknown = header.filter((name) => !columns.some((column) => column.name === name));
  const twice = header.filter((name, place) => header.indexOf(name) !== place);
  if (missing.length > 0 || unknown.length > 0 || twice.length > 0) {
    const faults = [
      ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`has ${unknown.slice(0, 10).join(', ')}, which it does not know`] : []),
      ...(twice.length > 0 ? [`has ${twice.join(', ')} twice`] : []),
    ].join(' and ');
    const wanted = columns.map(({ name, optional }) => (optional ? `${name} (optional)` : name)).join(', ');
    throw new ValidationError(
      'import.columns',
      `A file of kind ${kind} has the columns ${wanted}; this one ${faults}.`,
    );
  }
  return columns.map(({ name }) => (header.includes(name) ? header.indexOf(name) : undefined));
}

/** A row from its cells in the order of {@link fileColumns}, or why there is none. */
export function rowFrom<Kind extends SeriesKind>(
  kind: Kind,
  cells: readonly Cell[],
): { readonly row: SeriesRows[Kind] } | { readonly reason: string } {
  const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
  const columns = fileColumns(kind);
  const odd = columns.find(({ optional, type }, place) => {
    const cell = cells[place] ?? null;
    return cell === null ? !optional : (type === 'text') !== (typeof cell === 'string');
  });
  if (odd !== undefined) {
    const cell = cells[columns.indexOf(odd)] ?? null;
    return {
      reason:
        cell === null
          ? `${odd.name} is empty`
          : `${odd.name} is no ${odd.type === 'text' ? 'text' : 'number'}: ${short(cell)}`,
    };
  }
  try {
    const named = Object.fromEntries(table.identity.map((name, place) => [name, cells[place]]));
    const offset = table.identity.length;
    const row = table.fromCells(table.identityOf(named), (place) => cells[offset + place] ?? null);
    const parsed = table.schema.safeParse(row);
    if (parsed.success) return { row: parsed.data };
    const [issue] = parsed.error.issues;
    return { reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}` };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

const short = (cell: Cell): string => {
  const text = String(cell);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};
