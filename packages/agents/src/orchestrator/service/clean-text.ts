import { longestChatText, ValidationError } from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { maskCredentials } from '../../model/journal/mask-credentials.ts';
import { capped } from '../answer/template.ts';

/** Control characters but line breaks and tabs. */
const controls = /(?![\n\t])\p{Cc}/gu;

/** A message that may be kept, told and shown: no secret that is known, nothing that looks like a credential, no control characters. */
export const cleanText = (text: string, redactor: Pick<Redactor, 'mask'> | undefined): string =>
  capped(
    maskCredentials(redactor?.mask(text) ?? text)
      .toWellFormed()
      .replace(controls, ''),
  );

/**
 * What a user asks, as it goes on from here.
 * @throws ValidationError `chat.empty`, `chat.too-long`
 */
export function questionText(text: string, redactor: Pick<Redactor, 'mask'> | undefined): string {
  if (text.length > longestChatText)
    throw new ValidationError(
      'chat.too-long',
      `A message has at most ${longestChatText} characters, this one has ${text.length}: say it shorter.`,
    );
  const clean = cleanText(text, redactor).trim();
  if (clean === '') throw new ValidationError('chat.empty', 'The message is empty: ask something.');
  return clean;
}
