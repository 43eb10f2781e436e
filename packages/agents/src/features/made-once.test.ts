import { describe, expect, it } from 'vitest';
import { MadeOnce } from './made-once.ts';

const owner = {};

describe('MadeOnce', () => {
  it('default: of the same parts it is made once, also where that is undefined', () => {
    const made = new MadeOnce<number | undefined>();
    const part = {};
    let calls = 0;
    const of = (value: number | undefined, ...parts: readonly unknown[]) =>
      made.of(owner, 'a', parts, () => {
        calls += 1;
        return value;
      });
    expect([of(1, part, undefined), of(2, part, undefined), calls]).toEqual([1, 1, 1]);
    expect([of(undefined, part), of(3, part), calls]).toEqual([undefined, undefined, 2]);
  });

  it('behavior: any other part makes another value, and what was made of former parts is gone', () => {
    const made = new MadeOnce<number>();
    const [first, other, another] = [{}, {}, {}];
    let next = 0;
    const of = (...parts: readonly unknown[]) => made.of(owner, 'a', parts, () => next++);
    expect([of(first, other), of(first, another), of(first, other)]).toEqual([0, 1, 2]);
    expect([of(other, first), of({}, first), of(first), of(first, undefined), of()]).toEqual([3, 4, 5, 6, 7]);
  });

  it('behavior: owners and keys do not meet', () => {
    const made = new MadeOnce<string>();
    const of = (by: object, key: string, value: string) => made.of(by, key, [], () => value);
    const stranger = {};
    expect([of(owner, 'a', 'x'), of(owner, 'b', 'y'), of(stranger, 'a', 'z')]).toEqual(['x', 'y', 'z']);
    expect([of(owner, 'a', '-'), of(owner, 'b', '-'), of(stranger, 'a', '-')]).toEqual(['x', 'y', 'z']);
  });
});
