import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonWriter } from './json-writer.ts';

describe('JsonWriter', () => {
  it('default: its bytes are the UTF-8 of the text, one text after another in the same bytes', () => {
    const writer = new JsonWriter();
    const items = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    );
    fc.assert(
      fc.property(items, (list) => {
        writer.begin();
        writer.value(list);
        expect(Buffer.from(writer.bytes).toString()).toBe(JSON.stringify(list));
        expect(writer.text).toBe(JSON.stringify(list));
      }),
      { numRuns: 30 },
    );
  });

  it('behavior: it grows at whatever place a text crosses what it holds', () => {
    for (const value of ['é', 'a', '', 7, true, null, [[]], [1, 2], {}, { a: 1 }, { é: {} }])
      for (let length = 4_070; length <= 4_100; length += 1) {
        const writer = new JsonWriter();
        writer.begin();
        writer.ascii('x'.repeat(length));
        writer.value(value);
        expect(writer.text).toBe(`${'x'.repeat(length)}${JSON.stringify(value)}`);
      }
  });

  it('error: after a refusal the next text is as if nothing had been', () => {
    const writer = new JsonWriter();
    const part = { a: 1 };
    writer.begin();
    expect(() => writer.value({ part, wrong: [Number.NaN] })).toThrow(expect.objectContaining({ code: 'json.unsafe' }));
    const again = { part, wrong: [2] };
    const circular: { self?: unknown } = {};
    circular.self = circular;
    writer.begin();
    expect(() => writer.value(circular)).toThrow(expect.objectContaining({ code: 'json.unsafe' }));
    delete circular.self;
    writer.begin();
    writer.value([again, circular]);
    expect(writer.text).toBe('[{"part":{"a":1},"wrong":[2]},{}]');
  });
});
