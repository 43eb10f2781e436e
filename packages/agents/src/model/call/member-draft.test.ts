import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemberDraft } from './member-draft.ts';

const read = (...pieces: readonly string[]): readonly string[] => {
  const draft = new MemberDraft('reasoning');
  return pieces.map((piece) => draft.push(piece));
};

describe('MemberDraft', () => {
  it('default: gives the text as far as it was written', () => {
    expect(read('{"direction":"long","rea', 'soning" : "RSI at', ' 61.\\', 'nFine', '."', ',"x":1}')).toEqual([
      '',
      'RSI at',
      'RSI at 61.',
      'RSI at 61.\nFine',
      'RSI at 61.\nFine.',
      'RSI at 61.\nFine.',
    ]);
  });

  it('behavior: members of the same name further in, and values that say the name, are not it', () => {
    expect(read('{"a":{"reasoning":"no"},"b":"reasoning","c":["reasoning","no"],"reasoning":"yes"}')).toEqual(['yes']);
  });

  it('behavior: an empty piece begins anew', () => {
    expect(read('{"reasoning":"one', '', '{"reasoning":"two')).toEqual(['one', '', 'two']);
  });

  it('behavior: whatever is written, cut anywhere, the end is the member and each draft its beginning', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 50 }).filter((value) => value.isWellFormed());
    const cuts = fc.array(fc.nat(400), { maxLength: 12 });
    await fc.assert(
      fc.property(text, fc.json(), cuts, fc.boolean(), (reasoning, other, places, isEscaped) => {
        const plain = JSON.stringify({ before: JSON.parse(other), reasoning, after: 1 });
        const json = isEscaped
          ? plain.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain;
        const ends = [...new Set(places.map((place) => place % json.length))].sort((a, b) => a - b);
        const pieces = [...ends, json.length].map((end, index) => json.slice(ends[index - 1] ?? 0, end));
        const drafts = read(...pieces.filter((piece) => piece !== ''));
        expect(drafts.at(-1)).toBe(reasoning);
        for (const draft of drafts) expect([reasoning.startsWith(draft), draft.isWellFormed()]).toEqual([true, true]);
      }),
    );
  });

  it('behavior: an endless text is cut, and rubbish gives nothing', () => {
    const draft = new MemberDraft('reasoning', { limit: 10 });
    expect(draft.push(`{"reasoning":"${'x'.repeat(100_000)}`)).toBe('xxxxxxxxxx');
    expect(read('Sure! Here is', ' the answer: ]]}}"', '\\', '\u0000"')).toEqual(['', '', '', '']);
  });
});
