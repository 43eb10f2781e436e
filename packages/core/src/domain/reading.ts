/** A value that is as recent as it has to be. Only this kind goes into sizing and orders. */
export interface Fresh<T> {
  readonly quality: 'fresh';
  readonly value: T;
  readonly atMs: number;
}
/** The last value of a source that has been silent for longer than it may. */
export interface Stale<T> {
  readonly quality: 'stale';
  readonly value: T;
  readonly atMs: number;
  readonly ageMs: number;
}
/** A value from a series that is known to lack something. */
export interface Gapped<T> {
  readonly quality: 'gapped';
  readonly value: T;
  readonly atMs: number;
  readonly missing: number;
}
/** What was read and how good it is. */
export type Reading<T> = Fresh<T> | Stale<T> | Gapped<T>;

/** True for what may go into sizing. */
export const isFresh = <T>(reading: Reading<T> | undefined): reading is Fresh<T> => reading?.quality === 'fresh';
