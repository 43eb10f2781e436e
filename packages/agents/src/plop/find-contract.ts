import { PerpDeskError, type PredictionContract, type PredictionSource, ValidationError } from '@perpdesk/core';

/** No more of a text is looked at, and no more references of it are tried. */
const longestText = 4_000;
const mostReferences = 3;

/** How contracts are named in a text, the plainest first. */
const forms: readonly RegExp[] = [
  /(?<![\w.@-])(?:https?:\/\/)?(?:www\.)?(?:polymarket|kalshi)\.com\/[^\s<>"'`()[\]{}|\\]+/gi,
  /(?<![\w.-])(?:polymarket|kalshi):[a-z0-9][a-z0-9._-]{1,199}/gi,
  /(?<![\w-])0x[0-9a-f]{64}(?![\w-])/gi,
  /(?<![\w-])\d{60,80}(?![\w-])/g,
  // A ticker of Kalshi has a date or a strike in it; a perpetual future has not.
  /(?<![\w.-])(?=[A-Z0-9.-]*\d)[A-Z][A-Z0-9]{1,39}(?:-[A-Z0-9.]{1,40}){1,5}(?![\w-])/g,
  /(?<![\w.-])[a-z0-9]+(?:-[a-z0-9]+){2,}(?![\w-])/g,
];

/** The links, ids, tickers and slugs in a text that may mean contracts: the plainest form first, no more than three. */
export function referencesIn(text: string): readonly string[] {
  let rest = text.slice(0, longestText);
  const found = new Set<string>();
  for (const form of forms) {
    rest = rest.replace(form, (match) => {
      found.add(match.replace(/[.,;:!?]+$/, ''));
      return ' ';
    });
  }
  const whole = text.trim();
  if (found.size === 0 && whole !== '' && whole.length <= 500 && !/\s/.test(whole)) found.add(whole);
  return [...found].slice(0, mostReferences);
}

/**
 * The contract that a text names by link, slug, ticker or id, as its venue has it now. Of several names the first that leads to one.
 * @throws ValidationError `prediction.reference` when it names none, `prediction.ambiguous`, `prediction.unknown`
 * @throws VenueError when the venue does not answer
 */
export async function findContract(
  text: string,
  sources: readonly PredictionSource[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<PredictionContract> {
  let failure: unknown;
  for (const reference of referencesIn(text)) {
    for (const source of sources) {
      try {
        return await source.resolve(reference, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        const isForeign = PerpDeskError.is(error) && error.code === 'prediction.reference';
        if (!isForeign) failure ??= error;
      }
    }
  }
  throw (
    failure ??
    new ValidationError(
      'prediction.reference',
      `No contract is named that ${sources.map(({ venue }) => venue).join(' or ') || 'a prediction market'} has; give its link, slug, ticker or id.`,
    )
  );
}
