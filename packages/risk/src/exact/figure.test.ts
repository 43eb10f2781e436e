import { describe, expect, it } from 'vitest';
import { exact } from './exact.ts';
import { figure } from './figure.ts';

describe('figure', () => {
  it('default: is the number that the text is, and the same one when asked again', () => {
    for (const text of ['0', '0.05', '0.123456789012345678', '1e-7', '-3'])
      expect(figure(text).toFixed()).toBe(exact(text).toFixed());
    expect(figure('0.05')).toBe(figure('0.05'));
    expect(figure('0.05')).not.toBe(figure('0.5'));
  });

  it('behavior: texts without end are not kept', () => {
    const first = figure('0.25');
    for (let n = 0; n < 1_000; n += 1) expect(figure(`${n}.125`).equals(`${n}.125`)).toBe(true);
    expect(figure('0.25')).not.toBe(first);
    expect(figure('0.25').equals(first)).toBe(true);
  });

  it('error: what is no number', () => {
    expect(() => figure('abc')).toThrow(expect.objectContaining({ code: 'decimal.invalid' }));
  });
});
