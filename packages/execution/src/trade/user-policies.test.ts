import { type Guidance, type MacroEvent, toSize, type User } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { marketLeg, noonMs, place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { exampleGuidance, limitLeg } from './example-signal.ts';

const desks: TradingDesk[] = [];
type Policies = NonNullable<User['policies']>;
const run = async (policies: Policies, options: TradingDeskOptions = {}): Promise<TradingDesk> => {
  const desk = await TradingDesk.run({ ...options, user: { policies, ...options.user } });
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const minuteMs = 60_000;
const quietAt = (from: string, to: string): Policies => ({ quietHours: { windows: [{ from, to }], otherwise: 'ask' } });
const pause: Policies = {
  pauseAroundCatalysts: { importance: 'high', beforeMs: 5 * minuteMs, afterMs: 5 * minuteMs, otherwise: 'decline' },
};
const event = (id: string, minutes: number): MacroEvent => ({
  ...{ id, series: 'US.CPI.YOY', title: 'CPI', country: 'US', importance: 'high', theme: 'rate-expectations' },
  ...{ polarity: -1, unit: '%', scheduledAtMs: noonMs + minutes * minuteMs },
});
const twap = (): Guidance =>
  exampleGuidance([marketLeg], { pacing: { kind: 'twap', slices: 4, durationMs: 4 * minuteMs } });
const ladder = (): Guidance => exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]);
const held = async (desk: TradingDesk) => (await desk.positionAtVenue())?.size;
const entriesOf = (desk: TradingDesk) => desk.gate.asked.filter(({ purpose }) => purpose === 'entry').length;
const reasons = async (desk: TradingDesk) =>
  (await desk.events('approval.requested')).map(({ payload }) => payload.reason);

describe("a user's policies", () => {
  it('default: outside of them all goes as autonomy has it', async () => {
    const desk = await run(quietAt('13:00', '14:00'));
    await desk.guide();
    expect(await held(desk)).toBe('0.1');
  });

  it('behavior: inside, a question says why; the answer of the user is sent', async () => {
    const desk = await run(quietAt('11:00', '13:00'));
    await desk.guide();
    expect(await reasons(desk)).toEqual(['It is quiet from 11:00 to 13:00 (UTC).']);
    expect(desk.gate.asked).toEqual([]);
    const [approval] = await desk.trades.fetchApprovals('alice');
    await desk.trades.approve('alice', approval?.signal.id ?? '', approval?.contentHash ?? '');
    await desk.clock.idle();
    expect(await held(desk)).toBe('0.1');
  });

  it('behavior: slices that would go inside a window do not, though the trade began before it', async () => {
    const desk = await run(quietAt('12:02', '13:00'));
    await desk.guide({}, twap());
    await desk.pass(10 * minuteMs);
    // At 0 and 1 minute; the window begins with the third.
    expect(entriesOf(desk)).toBe(2);
    expect(await held(desk)).toBe('0.05');
    expect((await desk.resting())[0]).toBe('stop-loss 0.05 @ 59500');
    expect(desk.gate.released.at(-1)?.remaining).toBeUndefined();
  });

  it('behavior: limits that rest are cancelled when a window begins', async () => {
    const desk = await run(quietAt('12:02', '13:00'));
    await desk.guide({}, ladder());
    await desk.pass(minuteMs);
    expect(await desk.resting()).toHaveLength(2);
    await desk.pass(2 * minuteMs);
    expect(await desk.resting()).toEqual([]);
    expect((await desk.events('trade.settled')).map(({ payload }) => payload.outcome)).toEqual(['not-entered']);
  });

  it('behavior: what the user approved goes on inside a window', async () => {
    const desk = await run(quietAt('12:02', '13:00'), { user: { autonomy: 'suggest' } });
    await desk.guide({}, twap());
    const [approval] = await desk.trades.fetchApprovals('alice');
    await desk.trades.approve('alice', approval?.signal.id ?? '', approval?.contentHash ?? '');
    await desk.pass(5 * minuteMs);
    expect(await held(desk)).toBe('0.1');
  });

  it('behavior: a stop and a close work inside a window', async () => {
    const desk = await run(quietAt('12:01', '13:00'));
    await desk.guide();
    await desk.pass(2 * minuteMs);
    await desk.price(59_400);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['stop-loss']);
    const other = await run(quietAt('12:01', '13:00'));
    await other.guide();
    await other.pass(2 * minuteMs);
    await other.closer.close(place, { origin: 'manual', reason: 'manual' });
    await other.clock.idle();
    expect(await other.positionAtVenue()).toBeUndefined();
  });

  it('behavior: an event that becomes known while an entry goes on keeps its next orders back, and says so', async () => {
    const events = [event('far', 10_000)];
    const desk = await run(pause, {
      macroView: (clock) => new StaticMarketView({ clock, instruments: [], macroEvents: events }),
    });
    await desk.guide({}, twap());
    expect(await held(desk)).toBe('0.025');
    events.push(event('sudden', 3));
    await desk.pass(10 * minuteMs);
    expect(await held(desk)).toBe('0.025');
    const refused = (await desk.events('order.refused')).map(({ payload }) => payload.rejection);
    expect(refused).toHaveLength(3);
    expect(new Set(refused.map(({ code, limit }) => `${code} ${limit}`))).toEqual(
      new Set(['policy.held pauseAroundCatalysts']),
    );
    expect(entriesOf(desk)).toBe(1);
    expect(desk.gate.released.at(-1)?.remaining).toBeUndefined();
  });

  it('behavior: around an event a signal is declined, an entry before it ends with the pause', async () => {
    const events = [event('cpi', 7)];
    const desk = await run(pause, {
      macroView: (clock) => new StaticMarketView({ clock, instruments: [], macroEvents: events }),
    });
    await desk.guide({}, ladder());
    await desk.pass(3 * minuteMs);
    expect(await desk.resting()).toEqual([]);
    await desk.guide({ id: 'signal:2' });
    expect((await desk.events('signal.declined')).map(({ payload }) => payload.rejection)).toEqual([
      {
        code: 'policy.held',
        message: 'The event "CPI" at 2026-01-05T12:07:00.000Z is near.',
        limit: 'pauseAroundCatalysts',
      },
    ]);
  });

  it('error: without a calendar a pause asks', async () => {
    const desk = await run(pause);
    await desk.guide();
    expect(await reasons(desk)).toEqual(['The economic calendar is not known, so that no event can be ruled out.']);
    expect(desk.gate.asked).toEqual([]);
  });

  it('behavior: of signals that come at once no more go out than the day may have', async () => {
    const desk = await run({ maxTradesPerDay: { trades: 2, otherwise: 'decline' } });
    await Promise.all([1, 2, 3, 4, 5].map((id) => desk.guide({ id: `signal:${id}`, size: toSize('0.01') }, ladder())));
    await desk.clock.idle();
    expect(await desk.events('signal.approved')).toHaveLength(2);
    expect((await desk.events('signal.declined')).map(({ payload }) => payload.rejection.limit)).toEqual(
      Array.from({ length: 3 }, () => 'maxTradesPerDay'),
    );
  });

  it('behavior: an agent on monitor sends nothing for a user who lets the desk act', async () => {
    const desk = await run({}, { user: { agentAutonomy: { riven: 'monitor' } } });
    await desk.guide();
    expect((await desk.events('signal.declined')).map(({ payload }) => payload.rejection.message)).toEqual([
      'The user watches riven: its autonomy is monitor.',
    ]);
    expect(desk.gate.asked).toEqual([]);
  });
});
