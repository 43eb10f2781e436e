import { VenueError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { findContract, referencesIn } from './find-contract.ts';
import { ExampleSource, exampleContract } from './testing/example-contract.ts';

const condition = `0x${'ab'.repeat(32)}`;

describe('referencesIn', () => {
  it('default: links, prefixed names, ids, tickers and slugs, the plainest first', () => {
    expect(referencesIn('What about https://polymarket.com/event/will-it-rain-on-sunday?tid=1, please?')).toEqual([
      'https://polymarket.com/event/will-it-rain-on-sunday?tid=1',
    ]);
    expect(referencesIn('kalshi.com/markets/kxfed/fed/kxfed-26dec or KXFED-26DEC-T3.75.')).toEqual([
      'kalshi.com/markets/kxfed/fed/kxfed-26dec',
      'KXFED-26DEC-T3.75',
    ]);
    expect(referencesIn(`(${condition})`)).toEqual([condition]);
    expect(referencesIn(`see polymarket:${'7'.repeat(5)}; and will-it-rain`)).toEqual([
      'polymarket:77777',
      'will-it-rain',
    ]);
    expect(referencesIn('1'.repeat(77))).toEqual(['1'.repeat(77)]);
  });

  it('behavior: perps, other hosts, words and prices name none', () => {
    expect(referencesIn('Is BTC-PERP a long at 98,000? Well-known, up-to.')).toEqual([]);
    expect(referencesIn('https://evilpolymarket.com/event/x and http://polymarket.com.evil.net/event/y')).toEqual([]);
    expect(referencesIn('write to me@kalshi.com/markets/x')).toEqual([]);
    expect(referencesIn('')).toEqual([]);
  });

  it('behavior: a word alone is tried as it is, and a flood is cut', () => {
    expect(referencesIn(' kxrain ')).toEqual(['kxrain']);
    expect(referencesIn(Array.from({ length: 50 }, (_, i) => `KXA-${i}`).join(' '))).toHaveLength(3);
    expect(referencesIn(`${'x '.repeat(5_000)}KXFED-26DEC-T1`)).toEqual([]);
    const startedAtMs = performance.now();
    referencesIn('a-'.repeat(1_000_000));
    referencesIn('A1-'.repeat(1_000_000));
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

describe('findContract', () => {
  const kalshi = new ExampleSource('kalshi', [exampleContract()]);
  const rain = exampleContract({ id: 'polymarket:0x1', venue: 'polymarket', slug: 'will-it-rain' });
  const polymarket = new ExampleSource('polymarket', [rain]);
  const sources = [polymarket, kalshi];

  it('default: the source of its venue knows it', async () => {
    expect((await findContract('And KXRAIN-26DEC06-T1?', sources)).id).toBe('kalshi:KXRAIN-26DEC06-T1');
    expect((await findContract('https://polymarket.com/event/will-it-rain', sources)).id).toBe('polymarket:0x1');
  });

  it('behavior: of several names the first that leads to one', async () => {
    expect((await findContract('KXNONE-1 or will-it-rain', sources)).id).toBe('polymarket:0x1');
  });

  it('error: none named, none known, several meant, a venue that is down', async () => {
    await expect(findContract('hello there', sources)).rejects.toMatchObject({ code: 'prediction.reference' });
    await expect(findContract('KXNONE-1', sources)).rejects.toMatchObject({ code: 'prediction.unknown' });
    const twins = new ExampleSource('kalshi', [exampleContract(), exampleContract({ id: 'kalshi:twin' })]);
    await expect(findContract('KXRAIN-26DEC06-T1', [twins])).rejects.toMatchObject({ code: 'prediction.ambiguous' });
    const down = new ExampleSource('kalshi');
    down.down = new VenueError('venue.unreachable', 'kalshi did not answer');
    await expect(findContract('KXRAIN-26DEC06-T1', [polymarket, down])).rejects.toThrow('kalshi did not answer');
    await expect(findContract('KXRAIN-26DEC06-T1', [])).rejects.toMatchObject({ code: 'prediction.reference' });
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(findContract('KXRAIN-26DEC06-T1', sources, { signal })).rejects.toThrow('stopped');
  });
});
