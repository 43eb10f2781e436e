import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictionReference } from './prediction-reference.ts';

const read = (text: string): string => {
  const { venue, by, value } = predictionReference(text);
  return `${venue} ${by} ${value}`;
};
const condition = `0x${'ab'.repeat(32)}`;
const token = '104239898038807136052399800151408521467737075933964991162589336683346093173875';

describe('predictionReference', () => {
  it.each([
    ['https://polymarket.com/event/fed-decision-in-december', 'polymarket event fed-decision-in-december'],
    ['polymarket.com/event/fed-decision?tid=17', 'polymarket event fed-decision'],
    ['https://www.polymarket.com/es/event/fed-decision/fed-cuts-25-bps', 'polymarket slug fed-cuts-25-bps'],
    ['https://polymarket.com/market/fed-cuts-25-bps#x', 'polymarket slug fed-cuts-25-bps'],
    ['fed-cuts-25-bps', 'polymarket slug fed-cuts-25-bps'],
    [`  ${condition.toUpperCase().replace('X', 'x')} `, `polymarket condition ${condition}`],
    [`polymarket:${condition}`, `polymarket condition ${condition}`],
    [token, `polymarket token ${token}`],
    ['polymarket:77', 'polymarket market 77'],
    ['https://kalshi.com/markets/kxfed/fed-funds-rate/kxfed-26dec', 'kalshi ticker KXFED-26DEC'],
    ['https://kalshi.com/markets/kxfed/fed-meeting', 'kalshi ticker KXFED'],
    ['KXFED-26DEC-T3.75', 'kalshi ticker KXFED-26DEC-T3.75'],
    ['kalshi:kxfed-26dec-t3.75', 'kalshi ticker KXFED-26DEC-T3.75'],
  ])('default: %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    '',
    'rain',
    'https://example.com/event/fed-decision',
    'https://polymarket.com/',
    '../../etc/passwd',
    '0x12',
    '123',
    'kalshi:',
    'javascript:alert(1)',
  ])('error: "%s" is none, and the error says what is', (text) => {
    expect(() => predictionReference(text)).toThrow(
      expect.objectContaining({
        code: 'prediction.reference',
        message: expect.stringContaining('a link to polymarket.com'),
      }),
    );
  });

  it('behavior: whatever is read fits into a request as it stands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'https://kalshi.com/markets/', 'polymarket.com/event/', 'kalshi:', 'polymarket:'),
        fc.string(),
        (start, end) => {
          const text = start + end;
          try {
            expect(predictionReference(text).value).toMatch(/^[A-Za-z0-9._-]{1,250}$/);
          } catch (error) {
            expect(error).toMatchObject({ code: 'prediction.reference' });
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
