import { canonicalJson, ValidationError } from '@perpdesk/core';

/** What lies in one column of one row. */
export type Cell = number | string | null;

/** The SQL types in use: 64-bit integers, float64, text. */
export type ColumnType = 'int8' | 'float8' | 'text';

/** How a field of a row lies in a table. Two `Column`s of one type are read and written alike. */
export interface Column<Value> {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether the field may be left out; it is null then. */
  readonly optional: boolean;
  /** @throws ValidationError `store.value` */
  toCell(value: Value): Cell;
  fromCell(cell: Cell): Value;
}

/** A measured number. SQLite keeps no NaN and PostgreSQL does: neither gets one. */
export const float = (name: string): Column<number> => ({
  name,
  type: 'float8',
  optional: false,
  toCell: (value) => (Number.isFinite(value) ? value : refused(name, value, 'a finite number')),
  fromCell: Number,
});

/** An instant, a duration or a count. */
export const integer = (name: string): Column<number> => ({
  name,
  type: 'int8',
  optional: false,
  toCell: (value) => (Number.isSafeInteger(value) ? value : refused(name, value, 'a whole number')),
  fromCell: Number,
});

/** A boolean as 1 and 0. */
export const flag = (name: string): Column<boolean> => ({
  name,
  type: 'int8',
  optional: false,
  toCell: (value) => (value ? 1 : 0),
  fromCell: (cell) => cell === 1,
});

/** One of a few words. */
export const word = <Word extends string>(name: string): Column<Word> => ({
  name,
  type: 'text',
  optional: false,
  toCell: (value) => value,
  fromCell: (cell) => String(cell) as Word,
});

/** Named numbers as canonical JSON, so that the same numbers are the same text. */
export const numbers = (name: string): Column<Readonly<Record<string, number>>> => ({
  name,
  type: 'text',
  optional: false,
  toCell: (value) => {
    const odd = Object.entries(value).find(([, number]) => !Number.isFinite(number));
    return odd === undefined ? canonicalJson(value) : refused(`${name}.${odd[0]}`, odd[1], 'a finite number');
  },
  fromCell: (cell) => JSON.parse(String(cell)) as Record<string, number>,
});

/** The same for a field that may be left out. */
export const optional = <Value>(column: Column<Value>): Column<Value> => ({ ...column, optional: true });

function refused(name: string, value: unknown, wanted: string): never {
  throw new ValidationError('store.value', `The store keeps ${wanted} as ${name}, not ${String(value)}.`);
}
