import { PerpDeskError } from '@perpdesk/core';

/** Why there is no assessment. Closed. */
export const plopRefusalCodes = [
  /** The text names no contract that is understood. */
  'prediction.reference',
  /** It means several. */
  'prediction.ambiguous',
  /** The venue has none. */
  'prediction.unknown',
  /** No source is of its venue. */
  'prediction.venue',
  /** It takes no orders any more. */
  'prediction.closed',
  /** It is decided. */
  'prediction.resolved',
  /** It was called off. */
  'prediction.void',
  /** A side of its book is empty: there is no price to hold a probability against. */
  'prediction.no-quote',
  /** The venue does not answer. */
  'prediction.unreachable',
] as const;
export type PlopRefusalCode = (typeof plopRefusalCodes)[number];

/** Why there is no assessment, in a sentence for people. */
export interface PlopRefusal {
  readonly code: PlopRefusalCode;
  readonly message: string;
}

const isCode = (code: string): code is PlopRefusalCode => plopRefusalCodes.some((known) => known === code);

/** What a source threw, as a refusal: its own code where it is one of those, else that the venue does not answer. */
export function refusalOf(error: unknown): PlopRefusal {
  if (PerpDeskError.is(error) && isCode(error.code)) return { code: error.code, message: error.message };
  // What is none of ours may hold anything, and goes no further.
  const why = PerpDeskError.is(error) ? error.message : 'The venue failed in a way of its own.';
  return { code: 'prediction.unreachable', message: why };
}
