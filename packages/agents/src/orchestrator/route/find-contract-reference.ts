import { referencesIn } from '../../plop/find-contract.ts';
import type { Question } from './question.ts';

/** Forms that mean nothing but a contract. A ticker or a slug may be something else. */
const plainly = /(?:polymarket|kalshi)\.com\/|^(?:polymarket|kalshi):|^0x[0-9a-f]{64}$|^\d{60,80}$/i;

/**
 * The contract of a prediction market that a question names.
 * @param isAskedFor The question is about prediction markets: a ticker or a slug then counts too.
 */
export function contractIn(question: Question, isAskedFor: boolean): string | undefined {
  const found = referencesIn(question.text);
  const fitting =
    found.find((reference) => plainly.test(reference)) ??
    (isAskedFor ? found.find((reference) => isName(reference, question)) : undefined);
  return fitting !== undefined && fitting.length <= 500 ? fitting : undefined;
}

const isName = (reference: string, { names }: Question): boolean =>
  /[-\d]/.test(reference) && !reference.includes('/') && names.named(reference) === undefined;
