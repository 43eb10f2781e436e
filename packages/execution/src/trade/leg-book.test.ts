import { toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { LegBook } from './leg-book.ts';

describe('LegBook', () => {
  it('default: sums fills and knows what is open', () => {
    const book = new LegBook();
    book.open('a', toSize('0.3'));
    book.open('b', toSize('0.3'));
    book.note({ clientOrderId: 'b', status: 'filled', filledSize: toSize('0.3') });
    book.note({ clientOrderId: 'a', status: 'partially-filled', filledSize: toSize('0.1') });
    expect(book.filled()).toBe('0.4');
    expect(book.resting()).toEqual(['a']);
    expect(book.unfilled()).toBe('0.2');
  });

  it('default: tells what has filled of each order, of one that has not as well', () => {
    const book = new LegBook();
    book.open('a', toSize('0.3'));
    book.open('b', toSize('0.3'));
    book.note({ clientOrderId: 'b', status: 'partially-filled', filledSize: toSize('0.1') });
    expect(book.fills()).toEqual([
      { clientOrderId: 'a', filledSize: '0' },
      { clientOrderId: 'b', filledSize: '0.1' },
    ]);
  });

  it('behavior: news that comes late takes nothing back', () => {
    const book = new LegBook();
    book.open('a', toSize('0.5'));
    book.note({ clientOrderId: 'a', status: 'partially-filled', filledSize: toSize('0.2') });
    book.note({ clientOrderId: 'a', status: 'canceled', filledSize: toSize('0.2') });
    book.note({ clientOrderId: 'a', status: 'open', filledSize: toSize('0.1') });
    expect(book.filled()).toBe('0.2');
    expect(book.resting()).toEqual([]);
    expect(book.unfilled()).toBe('0');
  });

  it('behavior: a fill that was told before the leg was noted counts, one of another order does not', () => {
    const book = new LegBook();
    book.open('a', toSize('0.5'));
    book.note({ clientOrderId: 'stranger', status: 'filled', filledSize: toSize('9') });
    book.note({ clientOrderId: 'a', status: 'canceled', filledSize: toSize('0') });
    book.note({ clientOrderId: 'a', status: 'canceled', filledSize: toSize('0.5') });
    expect(book.filled()).toBe('0.5');
  });
});
