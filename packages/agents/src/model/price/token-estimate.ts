const lettersAndSpaces = /[A-Za-z ]/g;
const encoder = new TextEncoder();

/**
 * How many tokens a text takes, rather too many than too few: an ASCII letter or space half a token (a word is seldom more than
 * two pieces), any other ASCII character one (digits and punctuation: some tokenisers cut each by itself), of other scripts a
 * token a byte, which no byte-level tokeniser passes.
 * @example
 * estimateTokens('{"rsi":61.2}'); // 11
 */
export function estimateTokens(text: string): number {
  const common = text.match(lettersAndSpaces)?.length ?? 0;
  return Math.ceil(common / 2) + encoder.encode(text).length - common;
}
