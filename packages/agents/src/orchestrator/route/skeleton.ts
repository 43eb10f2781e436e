/** Capitals of Cyrillic and Greek that look like Latin ones, and what they look like (Unicode Technical Standard 39, confusables). */
const foreign = 'АВСЕНІЈКМОРЅТУХԀԌԚԜ' + 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const latin = 'ABCEHIJKMOPSTYXDGQW' + 'ABEZHIKMNOPTYX';
const alike = new Map([...foreign].map((letter, index) => [letter, latin.charAt(index)]));
/** Digits and letters of one alphabet that are taken for each other. */
const drawnAlike: Readonly<Record<string, string>> = {
  '0': 'O',
  '1': 'I',
  L: 'I',
  '|': 'I',
  '!': 'I',
  '5': 'S',
  $: 'S',
};

/** A name as the eye sees it: names that look alike have one skeleton. */
export const skeletonOf = (name: string): string =>
  [
    ...name
      .normalize('NFKD')
      .replace(/[\p{Cf}\p{M}]/gu, '')
      .toUpperCase(),
  ]
    .map((letter) => alike.get(letter) ?? drawnAlike[letter] ?? letter)
    .join('');
