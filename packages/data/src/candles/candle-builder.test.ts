import { type Trade, timeframeMs, ValidationError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleBuilder, type CandleBuilderOptions } from './candle-builder.ts';
import { hearBars, instrumentId, midnight, minuteMs, minuteOf, trade } from './testing/hear-bars.ts';

function build(options: Partial<CandleBuilderOptions> = {}) {
  const heard = hearBars();
  const builder = new CandleBuilder({ instrumentId, listener: heard.listener, completeFromMs: midnight, ...options });
  return { builder, ...heard };
}

describe('CandleBuilder', () => {
  it('default', () => {
    const { builder, closed } = build();
    builder.push(trade(0, 100, { size: 2 }));
    builder.push(trade(10, 103, { side: 'sell', size: 0.5 }));
    builder.push(trade(59.999, 99));
    builder.push(trade(60, 98));
    expect(closed).toEqual([]);
    builder.push(trade(62, 97));
    expect(closed).toEqual([
      {
        instrumentId,
        timeframe: '1m',
        openAtMs: midnight,
        open: 100,
        high: 103,
        low: 99,
        close: 99,
        volume: 3.5,
        buyVolume: 3,
        sellVolume: 0.5,
        trades: 3,
      },
    ]);
    expect(builder.forming()).toMatchObject({ openAtMs: midnight + minuteMs, open: 98, close: 97, volume: 2 });
  });

  it('behavior: within the grace late trades go into their bar by venue time, after it they are corrections', () => {
    const { builder, closed, corrected } = build({ graceMs: 2_000 });
    builder.push(trade(10, 100));
    builder.push(trade(50, 101));
    builder.push(trade(61, 105));
    expect(builder.push(trade(5, 90))).toBe('accepted');
    expect(builder.push(trade(55, 99))).toBe('accepted');
    builder.advanceTo(midnight + 62_000);
    expect(closed[0]).toMatchObject({ open: 90, high: 101, low: 90, close: 99, volume: 4 });
    const late = trade(58, 80);
    expect([builder.push(late), builder.push(late)]).toEqual(['late', 'duplicate']);
    expect(corrected).toMatchObject([[{ openAtMs: midnight, low: 80, close: 80, volume: 5, trades: 5 }, 'late']]);
    builder.advanceTo(midnight + 130_000);
    expect(closed.map(minuteOf)).toEqual([0, 1]);
    expect(closed[0]).toMatchObject({ close: 99, volume: 4 });
    expect(builder.counts()).toMatchObject({ accepted: 5, late: 1, duplicate: 1 });
  });

  it('behavior: a trade of the last millisecond of a closed bar is late, though the next bar is empty', () => {
    const { builder, corrected } = build();
    builder.push(trade(1, 100));
    builder.advanceTo(midnight + 62_000);
    expect([builder.push(trade(59.999, 90)), builder.push(trade(60, 91))]).toEqual(['late', 'accepted']);
    expect(corrected).toMatchObject([[{ openAtMs: midnight, close: 90, volume: 2 }, 'late']]);
    expect(builder.forming()).toMatchObject({ open: 91, volume: 1 });
  });

  it('behavior: a repeated trade counts once, in whatever order, and one id at two times is two trades', () => {
    const { builder, of } = build();
    const trades = [trade(1, 10), trade(1, 11), trade(3, 12), trade(2, 9)];
    expect([...trades, ...trades].map((one) => builder.push(one))).toEqual([
      ...['accepted', 'accepted', 'accepted', 'accepted'],
      ...['duplicate', 'duplicate', 'duplicate', 'duplicate'],
    ]);
    builder.push({ ...trade(4, 13), id: trades[0]?.id ?? '' });
    builder.advanceTo(midnight + 62_000);
    expect(of('1m')[0]).toMatchObject({ open: 10, high: 13, low: 9, close: 13, volume: 5, trades: 5 });
  });

  it('behavior: a minute without trades goes on from the close before it, or is omitted; higher bars are the same', () => {
    const fill = (quiet: 'continue' | 'omit') => {
      const built = build({ quiet });
      built.builder.push(trade(0, 100));
      built.builder.push(trade(240, 104));
      built.builder.advanceTo(midnight + 302_000);
      return built;
    };
    const [continued, omitted] = [fill('continue'), fill('omit')];
    expect(continued.of('1m').map((bar) => [minuteOf(bar), bar.close, bar.volume])).toEqual([
      [0, 100, 1],
      [1, 100, 0],
      [2, 100, 0],
      [3, 100, 0],
      [4, 104, 1],
    ]);
    expect(omitted.of('1m').map(minuteOf)).toEqual([0, 4]);
    expect(omitted.of('5m')).toEqual(continued.of('5m'));
    expect(omitted.of('5m')).toMatchObject([{ open: 100, high: 104, low: 100, close: 104, volume: 2 }]);
    expect([omitted.skipped, omitted.gaps]).toEqual([[], []]);
  });

  it('behavior: a trade taken back or amended changes an open bar, and is a correction of a closed one', () => {
    const { builder, of, corrected } = build();
    const [first, wrong, last] = [trade(1, 100), trade(2, 999, { size: 50 }), trade(3, 101)];
    for (const one of [first, wrong, last]) builder.push(one);
    expect(builder.bust(wrong.id, wrong.exchangeAtMs)).toBe('accepted');
    builder.advanceTo(midnight + 62_000);
    expect(of('1m')).toMatchObject([{ open: 100, high: 101, close: 101, volume: 2 }]);
    expect(builder.amend({ ...last, price: 102, side: 'sell' })).toBe('corrected');
    expect(builder.bust(first.id, first.exchangeAtMs)).toBe('corrected');
    expect(corrected).toMatchObject([
      [{ close: 102, volume: 2, buyVolume: 1, sellVolume: 1 }, 'amended'],
      [{ open: 102, close: 102, volume: 1 }, 'busted'],
    ]);
    expect(builder.bust(first.id, first.exchangeAtMs)).toBe('unknown');
    expect(of('1m').length).toBe(1);
    expect(builder.counts()).toMatchObject({ accepted: 3, busted: 2, amended: 1 });
  });

  it('behavior: the bar it begins in is skipped, and so is what an interruption touches', () => {
    const heard = hearBars();
    const builder = new CandleBuilder({ instrumentId, listener: heard.listener, targets: ['5m'] });
    builder.push(trade(30, 100));
    builder.push(trade(70, 101));
    builder.advanceTo(midnight + 250_000);
    expect(heard.of('1m').map(minuteOf)).toEqual([1, 2, 3]);
    builder.interrupt(midnight + 250_000, midnight + 310_000);
    builder.push(trade(340, 105));
    builder.push(trade(365, 106));
    builder.advanceTo(midnight + 422_000);
    expect(heard.of('1m').map((bar) => [minuteOf(bar), bar.close])).toEqual([
      [1, 101],
      [2, 101],
      [3, 101],
      [6, 106],
    ]);
    expect(heard.skipped.filter(({ timeframe }) => timeframe === '1m').map(minuteOf)).toEqual([0, 4, 5]);
    expect(heard.gaps.map(({ missing }) => missing)).toEqual([2]);
    expect(heard.of('5m')).toEqual([]);
  });

  it('behavior: what can not be is refused: a price or size that is none, a time far ahead', () => {
    const { builder, closed } = build();
    builder.push(trade(1, 100));
    expect([
      builder.push(trade(2, Number.NaN)),
      builder.push(trade(2, 100, { size: 0 })),
      builder.push(trade(2, Number.POSITIVE_INFINITY)),
      builder.push(trade(9_000_000, 100, { receivedAtMs: midnight })),
    ]).toEqual(['invalid', 'invalid', 'invalid', 'ahead']);
    expect([closed, builder.counts()]).toMatchObject([[], { accepted: 1, invalid: 3, ahead: 1 }]);
  });

  it('behavior: no bar tells of anything after its end, and none is told before it', () => {
    // Whatever comes after a time, what was closed by then is the same.
    const step = fc.record({ seconds: fc.integer({ min: 0, max: 900 }), price: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 60 }), fc.integer({ min: 1, max: 900 }), (steps, cut) => {
        const trades = steps
          .sort((a, b) => a.seconds - b.seconds)
          .map(({ seconds, price }, i) => trade(seconds, price, { id: String(i) }));
        const seen = (all: readonly Trade[]) => {
          const { builder, closed } = build();
          for (const one of all) {
            const before = closed.length;
            builder.push(one);
            for (const bar of closed.slice(before)) {
              expect(bar.openAtMs + timeframeMs(bar.timeframe)).toBeLessThanOrEqual(one.exchangeAtMs);
            }
          }
          return closed;
        };
        const cutMs = midnight + cut * 1000;
        const whole = seen(trades);
        const early = seen(trades.filter(({ exchangeAtMs }) => exchangeAtMs < cutMs));
        expect(whole.slice(0, early.length)).toEqual(early);
        const keys = whole.map((bar) => `${bar.timeframe} ${bar.openAtMs}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { seed: 21, numRuns: 80 },
    );
  });

  it('behavior: repeats and delays within the grace change no bar', () => {
    const step = fc.record({
      seconds: fc.integer({ min: 0, max: 600 }),
      price: fc.integer({ min: 1, max: 50 }),
      delayMs: fc.integer({ min: 0, max: 1_999 }),
      repeated: fc.boolean(),
    });
    fc.assert(
      // One trade a second: of two at one time it could not be told which is the last.
      fc.property(
        fc.uniqueArray(step, { selector: ({ seconds }) => seconds, minLength: 1, maxLength: 80 }),
        (steps) => {
          const told = (faulty: boolean) => {
            const { builder, closed, corrected } = build();
            const arrivals = steps.flatMap(({ seconds, price, delayMs, repeated }) => {
              const one = trade(seconds, price, { id: String(seconds) });
              const at = one.exchangeAtMs + (faulty ? delayMs : 0);
              return faulty && repeated
                ? [
                    { one, at },
                    { one, at: at + 700 },
                  ]
                : [{ one, at }];
            });
            for (const { one, at } of arrivals.sort((a, b) => a.at - b.at)) {
              builder.push(one);
              builder.advanceTo(Math.min(at, one.exchangeAtMs + 1_999));
            }
            builder.advanceTo(midnight + 902_000);
            return { closed, corrected };
          };
          expect(told(true)).toEqual({ ...told(false), corrected: [] });
        },
      ),
      { seed: 22, numRuns: 60 },
    );
  });

  it('behavior: many at once is one by one, whatever they are and however they are cut', () => {
    const any = fc.record({
      halfSeconds: fc.integer({ min: 0, max: 300 }),
      price: fc.constantFrom(1, 2, 3, 50, 0, -1, Number.NaN),
      size: fc.constantFrom(1, 0.5, 0, Number.POSITIVE_INFINITY),
      id: fc.integer({ min: 0, max: 2 }),
      side: fc.constantFrom('buy' as const, 'sell' as const),
    });
    const inOrder = fc.boolean();
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 120 }),
        inOrder,
        fc.array(fc.nat(40), { maxLength: 9 }),
        (list, sorted, cuts) => {
          const trades = list.map(({ halfSeconds, price, ...more }) =>
            trade(halfSeconds / 2, price, { ...more, id: String(more.id) }),
          );
          if (sorted) trades.sort((a, b) => a.exchangeAtMs - b.exchangeAtMs);
          const one = build();
          for (const each of trades) one.builder.push(each);
          const many = build();
          let from = 0;
          for (const length of [...cuts, trades.length]) {
            const to = Math.min(trades.length, from + length);
            many.builder.pushAll(trades, from, to);
            from = to;
          }
          const told = ({ builder, closed, corrected, skipped }: typeof one) => {
            const forming = builder.forming();
            builder.advanceTo(midnight + 902_000);
            return { closed, corrected, skipped, forming, counts: builder.counts() };
          };
          expect(told(many)).toEqual(told(one));
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  it('error: a trade of another instrument, a grace of a minute', () => {
    const { builder } = build();
    const foreign = trade(1, 1, { instrumentId: 'ETH-PERP@test' });
    expect(() => builder.push(foreign)).toThrow(ValidationError);
    expect(() => builder.pushAll([trade(0, 1), foreign, trade(2, 1)])).toThrow(ValidationError);
    expect(builder.counts().accepted).toBe(1);
    expect(() => build({ graceMs: 60_000 })).toThrow('A grace of 60000 ms is not between 0 and 59999.');
    expect(() => build({ remembered: 1.5 })).toThrow(ValidationError);
  });
});
