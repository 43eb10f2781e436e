import { type Candle, type FeedGap, SimulatedClock, silentLogger, type Trade } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarTape } from './bar-tape.ts';
import { TradeTape } from './trade-tape.ts';

const instrumentId = 'BTC-PERP@binance';
const trade = (n: number): Trade => ({
  ...{ instrumentId, id: String(n), side: 'buy', price: 100 + n, size: 1 },
  ...{ exchangeAtMs: 1_000 + n, receivedAtMs: 1_000 + n },
});

/** One thing that happens to a stream. */
type Happening = 'told' | 'lost' | 'twice' | 'cut' | 'back' | 'wait';
const happenings = fc.array(
  fc.constantFrom<Happening>('told', 'told', 'told', 'lost', 'twice', 'cut', 'back', 'wait'),
  { maxLength: 60 },
);

describe('TradeTape', () => {
  it('behavior: whatever is lost, repeated or cut, each trade is told once and in order, and no loss is unsaid', async () => {
    for (const sequentialIds of [true, false]) {
      await fc.assert(
        fc.asyncProperty(happenings, fc.boolean(), async (script, answers) => {
          const clock = new SimulatedClock({ startAtMs: 0 });
          const told: number[] = [];
          const gaps: FeedGap[] = [];
          let made = 0;
          let connected = true;
          const tape = new TradeTape({
            ...{ instrumentId, clock, logger: silentLogger, sequentialIds, retryMs: 1 },
            listener: { trade: ({ id }) => void told.push(Number(id)), gap: (gap) => void gaps.push(gap) },
            fetch: async (since) => {
              if (!answers) throw new Error('No answer.');
              const from = Number(since.id);
              return Array.from({ length: made - from + 1 }, (_, i) => trade(from + i));
            },
          });
          for (const happening of script) {
            if (happening === 'told' || happening === 'twice' || happening === 'lost') {
              made += 1;
              // Without sequential ids a venue's stream that is open loses nothing that could be seen.
              const arrives = connected && (happening !== 'lost' || !sequentialIds);
              for (let i = 0; arrives && i < (happening === 'twice' ? 2 : 1); i += 1) tape.offer(trade(made));
            }
            if (happening === 'cut' && connected) {
              connected = false;
              tape.breakOff('disconnected');
            }
            if (happening === 'back' && !connected) {
              connected = true;
              tape.resume();
            }
            if (happening === 'wait') await clock.advanceBy(50);
          }
          if (!connected) {
            connected = true;
            tape.resume();
          }
          made += 1;
          tape.offer(trade(made));
          for (let i = 0; i < 5; i += 1) await clock.advanceBy(1_000);
          tape.stop();
          expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
          expect(told.at(-1)).toBe(made);
          const first = told[0] ?? 0;
          const open = gaps.filter(({ filled }) => !filled);
          for (let n = first; n <= made; n += 1) {
            const inOpenGap = open.some(({ fromMs, toMs }) => fromMs <= 1_000 + n && 1_000 + n <= toMs);
            expect(told.includes(n) || inOpenGap, `trade ${n} is told or in an open gap`).toBe(true);
          }
          if (answers) expect(open).toEqual([]);
        }),
        { seed: 3, numRuns: 120 },
      );
    }
  });
});

const minute = 60_000;
const candle = (n: number, close: number): Candle => ({
  ...{ instrumentId, timeframe: '1m', openAtMs: n * minute, open: 100, high: 1_000, low: 1, close, volume: 1 },
});

describe('BarTape', () => {
  it('behavior: whatever is lost, repeated or cut, each bar is closed once, in order, with its last price', async () => {
    for (const venueSays of [true, false]) {
      await fc.assert(
        fc.asyncProperty(happenings, async (script) => {
          const clock = new SimulatedClock({ startAtMs: 0 });
          const closed: [number, number][] = [];
          const gaps: FeedGap[] = [];
          /** A bar has three states, the last of which is final. */
          let step = 0;
          let connected = true;
          const tape = new BarTape({
            ...{ instrumentId, timeframe: '1m', clock, logger: silentLogger, retryMs: 1, closeGraceMs: 5_000 },
            listener: {
              bar: ({ openAtMs, close }, isClosed) => void (isClosed && closed.push([openAtMs / minute, close])),
              gap: (gap) => void gaps.push(gap),
            },
            fetch: async (fromMs, toMs) => {
              const bars = [];
              for (let n = fromMs / minute; n < toMs / minute && n < Math.floor(step / 3); n += 1)
                bars.push(candle(n, n * 3 + 2));
              return bars;
            },
          });
          for (const happening of [...script, 'back', 'told', 'told', 'told', 'told'] as const) {
            if (happening === 'told' || happening === 'twice' || happening === 'lost') {
              const n = Math.floor(step / 3);
              await clock.advanceTo(Math.max(clock.nowMs(), n * minute + (step % 3) * 15_000));
              const final = step % 3 === 2;
              // Where the venue does not say that a bar is closed, its last word has to arrive for it to be known.
              const arrives = connected && (happening !== 'lost' || (!venueSays && final) || step === 0);
              for (let i = 0; arrives && i < (happening === 'twice' ? 2 : 1); i += 1)
                tape.offer(candle(n, step), venueSays ? final : undefined);
              step += 1;
            }
            if (happening === 'cut' && connected) {
              connected = false;
              tape.breakOff('disconnected');
            }
            if (happening === 'back' && !connected) {
              connected = true;
              tape.resume();
            }
            if (happening === 'wait') await clock.advanceBy(10);
          }
          await clock.advanceBy(1_000);
          await clock.advanceBy(1_000);
          tape.stop();
          const first = closed[0]?.[0] ?? 0;
          expect(closed).toEqual(closed.map((_, i) => [first + i, (first + i) * 3 + 2]));
          expect(gaps.filter(({ filled }) => !filled)).toEqual([]);
        }),
        { seed: 5, numRuns: 120 },
      );
    }
  });

  it('behavior: in a quiet market the clock asks for the bar, and a bar that is not there leaves no gap', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const closed: number[] = [];
    const gaps: FeedGap[] = [];
    const tape = new BarTape({
      ...{ instrumentId, timeframe: '1m', clock, logger: silentLogger, retryMs: 1, closeGraceMs: 5_000 },
      listener: {
        bar: ({ openAtMs }, isClosed) => void (isClosed && closed.push(openAtMs / minute)),
        gap: (gap) => void gaps.push(gap),
      },
      fetch: async (fromMs) => (fromMs === 0 ? [candle(0, 5)] : []),
    });
    tape.offer(candle(0, 4), undefined);
    for (const atMs of [62_000, 66_000, 126_000]) {
      await clock.advanceTo(atMs);
      tape.tick(clock.nowMs());
      await clock.advanceBy(100);
    }
    expect([closed, gaps]).toEqual([[0], []]);
    tape.offer(candle(2, 9), undefined);
    tape.offer(candle(3, 9), undefined);
    expect(closed).toEqual([0, 2]);
  });
});
