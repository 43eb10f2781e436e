import { toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { LegBook } from './leg-book.ts';

describe('LegBook', () => {
  it('default: sums fills and knows what is open', () => {
    const book = new LegBook();
    book.note('a', 'open', toSize(0));
    book.note('b', 'filled', toSize('0.3'));
    book.note('a', 'partially-filled', toSize('0.1'));
    expect(book.filled()).toBe('0.4');
    expect(book.open()).toEqual(['a']);
  });

  it('behavior: news that comes late takes nothing back', () => {
    const book = new LegBook();
    book.note('a', 'partially-filled', toSize('0.2'));
    book.note('a', 'canceled', toSize('0.2'));
    book.note('a', 'open', toSize('0.1'));
    expect(book.filled()).toBe('0.2');
    expect(book.open()).toEqual([]);
  });
});
