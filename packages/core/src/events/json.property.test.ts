import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './json.ts';

/** Members in order, then JSON as the language writes it: what the text has to be, less quickly. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plainly(member)}`).join(',')}}`;
}

describe('canonicalJson', () => {
  it('behavior: any JSON is written as JSON.stringify writes it, its members in order', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(canonicalJson(value)).toBe(plainly(value));
      }),
      { numRuns: 500 },
    );
  });

  it('behavior: objects of many members, strings that JSON escapes and every finite number too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
          minLength: 20,
          maxLength: 40,
        }),
        (members) => {
          const value = Object.fromEntries(members);
          expect(canonicalJson(value)).toBe(plainly(value));
        },
      ),
      { numRuns: 30 },
    );
  });
});
