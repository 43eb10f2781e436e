import { longestChatText } from '@perpdesk/core';

/** A question as rules look at it: compatibility forms folded, unseen characters out, one space between words. */
export const plainText = (text: string): string =>
  text
    .slice(0, longestChatText)
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[‘’ʼ]/g, "'")
    .trim();

/**
 * The words of a question, without the punctuation around them. They are taken from the text as it was written: whoever writes numbers
 * or names in other characters than plain ones is not read as if it were plain.
 */
export const wordsOf = (text: string): readonly string[] =>
  text
    .slice(0, longestChatText)
    .toWellFormed()
    .replace(/[\r\n\t\u00a0]+/g, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^["'“”‘’([{]+/, '').replace(/["'“”‘’)\]},;:.!?]+$/, ''))
    .filter((word) => word !== '');
