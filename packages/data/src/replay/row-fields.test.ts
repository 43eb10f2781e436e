import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowFields } from './row-fields.ts';

const plainNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What a field says by the rule: a plain decimal number as JavaScript reads it, else nothing. */
const said = (field: string): number => (plainNumber.test(field) ? Number(field) : Number.NaN);

describe('RowFields', () => {
  it('default: the fields of one row after another', () => {
    const fields = new RowFields('a,bc,\n12.5,7');
    fields.moveTo(0, 5);
    expect([fields.count, fields.texts(), fields.number(2), fields.text(3), fields.number(3)]).toEqual([
      3,
      ['a', 'bc', ''],
      Number.NaN,
      '',
      Number.NaN,
    ]);
    fields.moveTo(6, 12);
    expect([fields.count, fields.texts(), fields.number(0), fields.number(1)]).toEqual([2, ['12.5', '7'], 12.5, 7]);
    expect(fields.number(2)).toBeNaN();
  });

  it('behavior: numbers are to the bit those of JavaScript, and only plain ones', () => {
    const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
    const decimal = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits(18),
        fc.constantFrom('', '.'),
        digits(18),
        fc.constantFrom('', 'e-7', 'E9'),
      )
      .map((parts) => parts.join(''));
    const written = fc.double().map(String);
    const price = fc.tuple(fc.nat(2_000_000), fc.nat(99_999)).map(([whole, part]) => `${whole}.${part}`);
    const any = fc.string({ unit: fc.constantFrom(...'0123456789.-+eExX Infinity٣\t'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.oneof(decimal, written, price, any), { minLength: 1, maxLength: 8 }), (row) => {
        const text = `1,2\n${row.join(',')}`;
        const fields = new RowFields(text);
        fields.moveTo(4, text.length);
        expect(fields.texts()).toEqual(row);
        for (const [index, field] of row.entries()) expect(fields.number(index)).toBe(said(field));
      }),
      { numRuns: 2000 },
    );
  });
});
