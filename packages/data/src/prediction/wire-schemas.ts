import { foreignText } from '@perpdesk/core';
import * as z from 'zod';
import { unsigned } from '../feeds/wire-values.ts';

/** A number of zero or more, sent as one or as text. */
export const wireNumber = z.unknown().transform((value, context) => {
  const number = unsigned(value);
  if (Number.isNaN(number)) {
    context.addIssue({ code: 'custom', message: 'is no number of zero or more' });
    return z.NEVER;
  }
  return number;
});

/** A price between nothing and certainty, both left out. */
export const wirePrice = wireNumber.refine((price) => price > 0 && price < 1, 'is no price between 0 and 1');

/** A price sent in cents. */
export const wireCents = wireNumber
  .transform((cents) => cents / 100)
  .refine((price) => price > 0 && price < 1, 'is no price between 0 and 1');

/** An instant between 2001 and 2096 in ms, so that seconds and microseconds are not taken for it. */
export const wireMs = wireNumber
  .refine((atMs) => atMs >= 1e12 && atMs < 4e12, 'is no instant in ms')
  .transform(Math.floor);

/** The same in seconds, as ms. */
export const wireSeconds = wireNumber
  .refine((seconds) => seconds >= 1e9 && seconds < 4e9, 'is no instant in s')
  .transform((seconds) => Math.floor(seconds * 1000));

/** Foreign text, cleaned and capped. */
export const wireText = (longest: number) => z.string().transform((value) => foreignText(value, longest));

/** A name that goes back into a request: letters, digits and `-._`, nothing that could change an address. */
export const wireName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);

/** ISO 8601 as ms UTC. */
export const wireInstant = z.string().transform((value, context) => {
  const atMs = Date.parse(value);
  if (Number.isFinite(atMs) && atMs > 0) return Math.floor(atMs);
  context.addIssue({ code: 'custom', message: 'is no instant' });
  return z.NEVER;
});

/** A list that is sent as the text of one. */
export const wireList = <Item extends z.ZodType>(item: Item) =>
  z
    .union([z.array(z.unknown()), z.string().max(2000)])
    .transform((value, context): unknown => {
      if (typeof value !== 'string') return value;
      try {
        return JSON.parse(value);
      } catch {
        context.addIssue({ code: 'custom', message: 'is no list' });
        return z.NEVER;
      }
    })
    .pipe(z.array(item));
