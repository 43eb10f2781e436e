import { marketIdSchema, SeededRandom, SimulatedClock } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultTiming } from './feed-timing.ts';
import { marketName } from './market-name.ts';
import { ReconnectGate } from './reconnect-gate.ts';
import { signed, unsigned } from './wire-values.ts';

describe('marketName', () => {
  const name = (base: string, quote = 'USDT', settle = quote) =>
    marketName({ base, quote, settle, usualQuote: 'USDT' });

  it('default', () => {
    expect([name('BTC'), name('BTC', 'USDC'), name('BTC', 'USD', 'BTC'), name('BTC', 'USD', 'USDC')]).toEqual([
      ...['BTC-PERP', 'BTC.USDC-PERP', 'BTC.USD-PERP', 'BTC.USD.USDC-PERP'],
    ]);
    expect([name('kPEPE'), name('1000PEPE'), name('xyz:TSLA'), name('KAS')]).toEqual([
      ...['1000PEPE-PERP', '1000PEPE-PERP', 'XYZ:TSLA-PERP', 'KAS-PERP'],
    ]);
  });

  it('behavior: whatever a venue calls it, the name is a market id', () => {
    const letter = fc.integer({ min: 1, max: 0xd7ff }).map((code) => String.fromCodePoint(code));
    const base = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: letter }));
    fc.assert(
      fc.property(base, (text) => marketIdSchema.safeParse(name(text)).success),
      { seed: 2 },
    );
  });
});

describe('wire numbers', () => {
  it('default', () => {
    expect(['1', '0.5', 2, '1e3', '007'].map(unsigned)).toEqual([1, 0.5, 2, 1000, 7]);
    expect(['-1', '-0.5', '3', -2].map(signed)).toEqual([-1, -0.5, 3, -2]);
  });

  it('error: what is no plain number is none', () => {
    const bad = [
      '',
      ' 1',
      '1 ',
      '+1',
      '-1',
      '0x1f',
      '0b1',
      '1,5',
      'NaN',
      'Infinity',
      '1e400',
      '--1',
      '1.',
      '.5',
      '9'.repeat(50),
    ];
    for (const value of [...bad, null, undefined, true, [], [1], {}, Number.NaN, Number.POSITIVE_INFINITY, -1])
      expect(unsigned(value), String(value)).toBeNaN();
    for (const value of ['--1', '-', '- 1', '-Infinity']) expect(signed(value), value).toBeNaN();
  });
});

describe('ReconnectGate', () => {
  it('behavior: pauses double, are drawn between half and all, and begin anew after a connection that held', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const gate = new ReconnectGate({ clock, random: new SeededRandom(1), timing: defaultTiming });
    const signal = new AbortController().signal;
    const pauseMs = async (): Promise<number> => {
      const fromMs = clock.nowMs();
      gate.failed();
      gate.failed();
      let passed = false;
      const turn = gate.turn(signal).then(() => {
        passed = true;
      });
      while (!passed) await clock.advanceTo(clock.nextTimerAtMs() ?? clock.nowMs());
      await turn;
      return clock.nowMs() - fromMs;
    };
    for (const longest of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const pause = await pauseMs();
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest + 1);
    }
    gate.succeeded();
    await clock.advanceBy(defaultTiming.stableMs);
    expect(await pauseMs()).toBeLessThanOrEqual(1_001);
    gate.succeeded();
    await clock.advanceBy(defaultTiming.stableMs - 1);
    expect(await pauseMs()).toBeGreaterThanOrEqual(1_000);
  });
});
