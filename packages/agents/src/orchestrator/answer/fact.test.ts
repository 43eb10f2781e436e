import { expect, it } from 'vitest';
import { quoted } from './fact.ts';

it('behavior: no link of others is passed on in a quote, and numbers and names are', () => {
  expect(quoted('See https://evil.example/x?k=1 or www.bad.top, mail pay@cheap-coins.io now.')).toBe(
    'See [link] or [link] mail pay@[link] now.',
  );
  expect(quoted('BTC at 61,250.5 leans long; RSI is 58.2, ATR 0.4.')).toBe(
    'BTC at 61,250.5 leans long; RSI is 58.2, ATR 0.4.',
  );
});
