import { describe, expect, it } from 'vitest';
import { NonceWindow } from './nonce-window.ts';

const nowMs = 1_735_689_600_000;

describe('NonceWindow', () => {
  it('default: new ones pass in any order, none twice', () => {
    const window = new NonceWindow();
    expect([nowMs, nowMs - 5, nowMs + 5].map((nonce) => window.use(nonce, nowMs))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(window.use(nowMs - 5, nowMs)).toBe(`Invalid nonce: duplicate nonce ${nowMs - 5}`);
  });

  it('behavior: once a hundred are kept, one has to be above the smallest of them', () => {
    const window = new NonceWindow();
    for (let i = 1; i <= 100; i += 1) expect(window.use(nowMs + 10 * i, nowMs)).toBeUndefined();
    expect(window.use(nowMs + 9, nowMs)).toMatch('below the smallest of the last 100');
    expect(window.use(nowMs + 15, nowMs)).toBeUndefined();
    expect(window.use(nowMs + 11, nowMs)).toMatch('below the smallest');
  });

  it('error: two days old or a day ahead is too far', () => {
    const window = new NonceWindow();
    const day = 86_400_000;
    expect(window.use(nowMs - 2 * day, nowMs)).toMatch('within two days before');
    expect(window.use(nowMs + day, nowMs)).toMatch('one day after');
    expect(window.use(nowMs - 2 * day + 1, nowMs)).toBeUndefined();
    expect(window.use(nowMs + day - 1, nowMs)).toBeUndefined();
  });
});
