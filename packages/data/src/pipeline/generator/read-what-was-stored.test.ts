import { describe, expect, it } from 'vitest';
import { foldedSum } from './folded-sum.ts';
import { readWhatWasStored } from './read-what-was-stored.ts';

const written = (...lines: readonly string[]): string => readWhatWasStored(lines.join('\n'));

describe('readWhatWasStored', () => {
  it('default: what was stored under a name, or as an expression, is read from a name', () => {
    expect(written('numbers[begin + 2] = sum1;', 'const a = numbers[begin + 2] ?? 0;')).toBe(
      'numbers[begin + 2] = sum1;\nconst a = sum1;',
    );
    expect(written('numbers[begin] = x + y;', 'const a = 2 * (numbers[begin] ?? Number.NaN);')).toBe(
      'const storedAt0 = x + y;\nnumbers[begin] = storedAt0;\nconst a = 2 * storedAt0;',
    );
  });

  it('behavior: a store that nothing reads stays as it is', () => {
    expect(written('numbers[begin + 1] = x + y;', 'const a = numbers[begin + 2] ?? 0;')).toBe(
      'numbers[begin + 1] = x + y;\nconst a = numbers[begin + 2] ?? 0;',
    );
  });

  it.each([
    ['a branch', 'if (x) {', '}'],
    ['a store anywhere', 'numbers[begin + 5 + place] = z;'],
    ['a store on two lines', 'numbers[begin + 2] =', '  x + y;'],
  ])('behavior: after %s all is read anew', (_, ...between) => {
    const lines = ['numbers[begin + 2] = sum1;', ...between, 'const a = numbers[begin + 2] ?? 0;'];
    expect(written(...lines)).toBe(lines.join('\n'));
  });

  it('behavior: a variable may have changed since, its value then has not', () => {
    expect(written('let top = 1;', 'numbers[begin + 2] = top;', 'top = 2;', 'const a = numbers[begin + 2] ?? 0;')).toBe(
      'let top = 1;\nconst stored2At0 = top;\nnumbers[begin + 2] = stored2At0;\ntop = 2;\nconst a = stored2At0;',
    );
  });
});

describe('foldedSum', () => {
  it('default: adds up what is known', () => {
    const constants = new Map([['period1', '20']]);
    expect(foldedSum('5 + period1', constants)).toBe('25');
    expect(foldedSum('begin + 28 + 5 + place3', constants)).toBe('begin + 33 + place3');
    expect(foldedSum('begin + 28 + period1 + 1', constants)).toBe('begin + 49');
    expect(foldedSum('begin + place3 + 1 + 2', constants)).toBe('begin + place3 + 1 + 2');
    expect(foldedSum('begin + 0', constants)).toBe('begin');
  });

  it('behavior: leaves what is no such sum', () => {
    for (const text of ['place3 + 1', '2 * period1', 'begin - 1', '0.5 + 1', '(1 + 2)'])
      expect(foldedSum(text, new Map([['period1', '20']]))).toBeUndefined();
  });
});
