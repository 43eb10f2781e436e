import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentenceStream } from './sentence-stream.ts';

describe('SentenceStream', () => {
  it('default: gives each sentence once it is whole', () => {
    const stream = new SentenceStream();
    expect(stream.push('{"sentences":[{"text":"a"')).toEqual([]);
    expect(stream.push(',"facts":["f1"]},{"te')).toEqual(['{"text":"a","facts":["f1"]}']);
    expect(stream.push('xt":"b}","facts":[]}]}')).toEqual(['{"text":"b}","facts":[]}']);
  });

  it('behavior: an empty piece begins anew', () => {
    const stream = new SentenceStream();
    stream.push('{"sentences":[{"text":"a');
    expect(stream.push('')).toEqual([]);
    expect(stream.push('{"sentences":[{"text":"b"}]}')).toEqual(['{"text":"b"}']);
  });

  it('behavior: however it is cut, the sentences are those of the whole', () => {
    const sentence = fc.record({ text: fc.string({ unit: 'binary' }), facts: fc.array(fc.string(), { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 4 }), fc.array(fc.nat(60), { maxLength: 8 }), (sentences, cuts) => {
        const text = JSON.stringify({ sentences });
        const stream = new SentenceStream();
        const found: string[] = [];
        let from = 0;
        for (const cut of [...cuts.map((length) => length + 1), text.length]) {
          const piece = text.slice(from, from + cut);
          if (piece !== '') found.push(...stream.push(piece));
          from += cut;
        }
        expect(found.map((object) => JSON.parse(object))).toEqual(JSON.parse(text).sentences);
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});
