const tag = /<[^<>]{0,500}>/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '‹', gt: '›', quot: '"', apos: "'", nbsp: ' ' };

/**
 * Text from outside, made harmless to show and to log: markup, control, format (zero-width, bidirectional) and line
 * separating characters become spaces, runs of spaces one, and no more than `longest` UTF-16 units are kept, never half
 * a character. It stays foreign text: nothing in it is an instruction or a fact.
 */
export function foreignText(text: string, longest: number): string {
  // No more is looked at than could matter, so that a text of megabytes costs nothing.
  const plain = text
    .slice(0, longest * 20)
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => entities[name] ?? ' ')
    .replace(tag, ' ')
    .replace(/[<>]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  let kept = '';
  for (const character of plain) {
    if (kept.length + character.length > longest) break;
    kept += character;
  }
  return kept.trim();
}
