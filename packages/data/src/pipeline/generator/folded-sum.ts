/**
 * A sum with what is known of it added up: whole numbers alone, or `begin` and the whole numbers that follow it, as
 * `begin + 33 + place3` is of `begin + 28 + 5 + place3`. Undefined for anything else. `constants`: the numbers of names.
 */
export function foldedSum(text: string, constants: ReadonlyMap<string, string>): string | undefined {
  const terms = text.split(' + ').map((term) => constants.get(term) ?? term);
  if (!terms.every((term) => /^\w+$/.test(term))) return undefined;
  const isPlace = terms[0] === 'begin';
  const numbers = isPlace ? terms.slice(1) : terms;
  const firstName = numbers.findIndex((term) => !isWhole(term));
  const known = firstName < 0 ? numbers : numbers.slice(0, firstName);
  if (!isPlace && known.length < numbers.length) return undefined;
  const sum = known.reduce((total, term) => total + Number(term), 0);
  const rest = numbers.slice(known.length);
  return [...(isPlace ? ['begin'] : []), ...(isPlace && sum === 0 ? [] : [sum]), ...rest].join(' + ');
}

/** Whether a text is a whole number. */
export const isWhole = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);

/** Whether a folded sum is a place at a fixed distance from `begin`. */
export const isFixedPlace = (sum: string | undefined): sum is string =>
  sum !== undefined && /^begin( \+ \d+)?$/.test(sum);
