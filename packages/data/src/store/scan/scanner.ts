import type { Cell, ColumnType } from '../tables/column.ts';

/** A compiled query and the columns it gives, in order. */
export interface ScanQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** Rows as columns: numbers in typed arrays, in which NaN stands for null, and texts. Moves between threads without a copy. */
export interface ScanPage {
  readonly length: number;
  readonly columns: readonly (Float64Array<ArrayBuffer> | readonly (string | null)[])[];
}

/** Who runs queries that give many rows. */
export interface Scanner {
  /** Rows that one query should give at most. */
  readonly pageRows: number;
  /** Rows that one query should add up at most. */
  readonly sliceRows: number;
  /** @throws StoreError; the signal's reason. */
  scan(query: ScanQuery, options?: { readonly signal?: AbortSignal }): Promise<ScanPage>;
  close(): Promise<void>;
}

/** One cell of a page. */
export function cellAt(page: ScanPage, column: number, row: number): Cell {
  const cell = page.columns[column]?.[row] ?? null;
  return typeof cell === 'number' && Number.isNaN(cell) ? null : cell;
}

/** The numbers of a column. @throws RangeError for a column of texts. */
export function numbersOf(page: ScanPage, column: number): Float64Array<ArrayBuffer> {
  const numbers = page.columns[column];
  if (numbers instanceof Float64Array) return numbers;
  throw new RangeError(`Column ${column} holds no numbers.`);
}

/** Turns the rows of a driver into columns. */
export function pack(rows: readonly Readonly<Record<string, Cell>>[], columns: ScanQuery['columns']): ScanPage {
  return {
    length: rows.length,
    columns: columns.map(({ name, type }) => {
      if (type === 'text') return rows.map((row) => (row[name] === null ? null : String(row[name])));
      const numbers = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i += 1) {
        const cell = rows[i]?.[name];
        numbers[i] = cell === null || cell === undefined ? Number.NaN : Number(cell);
      }
      return numbers;
    }),
  };
}
