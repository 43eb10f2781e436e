import type { Fill, FundingPayment } from '@perpdesk/core';
import * as z from 'zod';

/**
 * Which fills and funding payments of an account were taken in. Fills may come late and out of order, by as much as the
 * overlap: those since a minute before the last whole answer are known by id, all before it count as known.
 */
export const fillCursorSchema = z.object({
  /** When the account was taken up. */
  fromMs: z.int(),
  /** The instant of the newest fill; at first `fromMs`. */
  atMs: z.int(),
  /** When the venue was last asked for all and answered: fills until then are known. Absent: never yet. */
  readAtMs: z.int().exactOptional(),
  /** The fills since a minute before it or before the last whole answer, whichever is earlier, with their instants. */
  ids: z.record(z.string(), z.int()),
  /** The newest payment of each instrument: they come in order. */
  fundedThroughMs: z.record(z.string(), z.int()),
  /** Positions begun so far: the trades a user has had filled. */
  positions: z.int(),
});
export type FillCursor = z.infer<typeof fillCursorSchema>;

const overlapMs = 60_000;

/** A cursor that begins at an instant: what was filled before is nobody's news. */
export const newCursor = (atMs: number, before: readonly Fill[]): FillCursor => ({
  fromMs: atMs,
  atMs,
  ids: Object.fromEntries(before.map((fill) => [fill.id, fill.atMs])),
  fundedThroughMs: {},
  positions: 0,
});

/**
 * From when on fills are to be asked for, and which count as known before: a fill that was told says nothing of those before
 * it, a whole answer does.
 */
export const fillsSinceMs = ({ atMs, fromMs, readAtMs }: Pick<FillCursor, 'atMs' | 'fromMs' | 'readAtMs'>): number =>
  Math.min(atMs, readAtMs ?? fromMs) - overlapMs;

/** Notes that the venue answered with all fills at an instant. */
export function withReading(cursor: FillCursor, readAtMs: number): FillCursor {
  const read = { ...cursor, readAtMs };
  const sinceMs = fillsSinceMs(read);
  return { ...read, ids: Object.fromEntries(Object.entries(cursor.ids).filter(([, at]) => at >= sinceMs)) };
}

export const isKnownFill = (cursor: FillCursor, fill: Fill): boolean =>
  fill.atMs < fillsSinceMs(cursor) || fill.id in cursor.ids;

/** Notes a fill, forgetting those that the overlap has left behind. */
export function withFill(cursor: FillCursor, fill: Fill): FillCursor {
  const atMs = Math.max(cursor.atMs, fill.atMs);
  const ids = Object.entries({ ...cursor.ids, [fill.id]: fill.atMs }).filter(
    ([, at]) => at >= fillsSinceMs({ ...cursor, atMs }),
  );
  return { ...cursor, atMs, ids: Object.fromEntries(ids) };
}

export const isKnownPayment = (cursor: FillCursor, payment: FundingPayment): boolean =>
  payment.atMs <= (cursor.fundedThroughMs[payment.instrumentId] ?? cursor.fromMs - 1);

export const withPayment = (cursor: FillCursor, payment: FundingPayment): FillCursor => ({
  ...cursor,
  fundedThroughMs: { ...cursor.fundedThroughMs, [payment.instrumentId]: payment.atMs },
});
