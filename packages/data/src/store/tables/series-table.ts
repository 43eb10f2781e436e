import type { Timeframe } from '@perpdesk/core';
import type * as z from 'zod';
import type { Cell, Column } from './column.ts';

/** The fields that name a series; the rest of a row lies in columns. */
type IdentityField = 'instrumentId' | 'timeframe' | 'contractId';
type ColumnField<Row> = Exclude<keyof Row, IdentityField>;

/** What a {@link SeriesTable} is described by. */
export interface SeriesTableSpec<Row> {
  readonly name: string;
  /** Which of a row's fields names its subject. */
  readonly subject: 'instrumentId' | 'contractId';
  /** What the series of a timeframe is called; without it series have none. */
  readonly seriesKind: (timeframe: Timeframe | undefined) => string;
  readonly bars: boolean;
  /** In the order they lie in the table, the own time first. */
  readonly columns: { readonly [F in ColumnField<Row>]-?: Column<NonNullable<Row[F]>> };
  /** How many of them, from the first on, are the key beside the series. */
  readonly keyColumns?: number;
  /** The column of the receipt; how long before its own time a row may be known, ms. Bars are known by their close. */
  readonly receipt?: { readonly column: string; readonly aheadMs: number };
  /** Columns that say when a row was heard, not what it says. */
  readonly hearing?: readonly string[];
  /** A column that may fall and never rises: a row with a higher one does not replace another. */
  readonly neverRises?: string;
  /** Columns whose sums and means mean something, by field. */
  readonly measured: readonly ColumnField<Row>[];
  readonly schema: z.ZodType<Row>;
}

/** A table of rows of one kind: where the fields lie and how they become cells. */
export interface SeriesTable<Row> extends SeriesTableSpec<Row> {
  /** All columns beside the series, in order. */
  readonly cells: readonly Column<unknown>[];
  /** The names of the identity fields, in order, and of the columns' fields: the header of a file. */
  readonly identity: readonly IdentityField[];
  readonly fields: readonly string[];
  readonly keys: readonly string[];
  /** The column of the own time. */
  readonly at: string;
  /** @throws ValidationError `store.value` */
  toCells(row: Row): Cell[];
  /** The row of a series whose cells a function gives by place. */
  fromCells(identity: SeriesName, cell: (place: number) => Cell): Row;
  /** What a row, or whatever names its series, is of. */
  identityOf(row: object): SeriesName;
  columnOf(field: ColumnField<Row>): string;
}

/** What a series is of. */
export interface SeriesName {
  readonly subject: string;
  readonly timeframe: Timeframe | undefined;
}

/** Describes a table. */
export function seriesTable<Row extends object>(spec: SeriesTableSpec<Row>): SeriesTable<Row> {
  const fields = Object.keys(spec.columns) as (ColumnField<Row> & string)[];
  const cells = fields.map((field) => spec.columns[field]) as readonly Column<unknown>[];
  const names = cells.map(({ name }) => name);
  const cellOf = <F extends ColumnField<Row>>(row: Row, field: F): Cell => {
    const value = row[field];
    return value === undefined || value === null ? null : spec.columns[field].toCell(value);
  };
  return {
    ...spec,
    cells,
    fields,
    identity: spec.bars ? [spec.subject, 'timeframe'] : [spec.subject],
    keys: names.slice(0, spec.keyColumns ?? 1),
    at: names[0] ?? '',
    toCells: (row) => fields.map((field) => cellOf(row, field)),
    fromCells: ({ subject, timeframe }, cell) => {
      const row: Record<string, unknown> = { [spec.subject]: subject };
      if (spec.bars) row.timeframe = timeframe;
      for (const [place, field] of fields.entries()) {
        const value = cell(place);
        if (value !== null) row[field] = spec.columns[field].fromCell(value);
      }
      return row as Row;
    },
    identityOf: (row) => {
      const named: { readonly [F in IdentityField]?: unknown } = row;
      return {
        subject: String(named[spec.subject]),
        timeframe: spec.bars ? (named.timeframe as Timeframe) : undefined,
      };
    },
    columnOf: (field) => spec.columns[field].name,
  };
}
