import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './json.ts';

describe('canonicalJson', () => {
  it('default: members in the order of their names, no white space', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, '': -0 })).toBe(
      '{"":0,"a":true,"b":[1,{"c":"x","d":null}]}',
    );
  });

  it('behavior: it agrees with the example of RFC 8785, §3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('behavior: members are ordered by UTF-16 code units, as in RFC 8785, §3.2.3', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    expect(Object.keys(JSON.parse(canonicalJson(Object.fromEntries(names.map((name) => [`_${name}`, 1])))))).toEqual(
      ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'].map((name) => `_${name}`),
    );
  });

  it('behavior: the order of the members does not matter, and equal text means equal values', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('behavior: undefined members are left out, undefined items are null, an object may appear twice', () => {
    const twice = { x: 1 };
    expect(canonicalJson({ a: undefined, b: [undefined, twice, twice] })).toBe('{"b":[null,{"x":1},{"x":1}]}');
  });

  it('behavior: texts beyond what a writer keeps, with names and words that take several bytes a letter', () => {
    const word = 'привет, 世界 😀 \ud800 "quoted"';
    const value = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`ключ ${index}`, [word.repeat(40), index]]),
    );
    const text = canonicalJson(value);
    const ordered = Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(text === JSON.stringify(ordered)).toBe(true);
    expect(canonicalJson({ b: 1, a: word })).toBe(`{"a":${JSON.stringify(word)},"b":1}`);
  });

  it('behavior: a member that asks for a text of its own while it is read', () => {
    const value = {
      a: 'before',
      get b() {
        return canonicalJson({ y: 1, x: 'inner' });
      },
      c: 'after',
    };
    expect(canonicalJson(value)).toBe('{"a":"before","b":"{\\"x\\":\\"inner\\",\\"y\\":1}","c":"after"}');
  });

  it('error: what JSON can not say is refused', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    for (const unsafe of [
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      1n,
      () => 1,
      Symbol('x'),
      undefined,
      circular,
      { a: [{ b: Number.NaN }] },
    ])
      expect(() => canonicalJson(unsafe)).toThrow(
        expect.objectContaining({ name: 'ValidationError', code: 'json.unsafe' }),
      );
  });
});
