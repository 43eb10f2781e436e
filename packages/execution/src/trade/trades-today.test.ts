import { MemoryEventBus, SimulatedClock } from '@perpdesk/core';
import { testIds } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { TradesToday } from './trades-today.ts';

const user = { id: 'alice', timeZone: 'UTC' };
const hourMs = 3_600_000;

function counter(startAtMs = Date.UTC(2026, 0, 5, 12)) {
  const clock = new SimulatedClock({ startAtMs });
  const eventBus = new MemoryEventBus({ clock, ids: testIds('trades', clock) });
  const trades = new TradesToday({ clock, eventBus });
  const approve = (signalId: string) =>
    eventBus.publish({
      ...{ id: `signal.approved:${signalId}`, type: 'signal.approved', key: 'alice', userId: 'alice' },
      payload: { signalId, userId: 'alice', contentHash: 'hash', by: 'autonomy' },
    });
  const judge = (signalId: string, passes = true) =>
    trades.judge(
      user,
      signalId,
      (count) => count,
      () => passes,
    );
  return { approve, clock, eventBus, judge };
}

describe('TradesToday', () => {
  it('default: what the journal has and what was let pass a moment ago, each once', async () => {
    const { approve, judge } = counter();
    expect(await judge('1')).toBe(0);
    expect(await judge('2', false)).toBe(1);
    await approve('1');
    await approve('0');
    expect(await judge('3')).toBe(2);
    expect(await judge('3')).toBe(2);
    expect(await judge('4')).toBe(3);
  });

  it('behavior: an approval that is written while the journal is read counts', async () => {
    const { approve, eventBus, judge } = counter();
    await judge('1');
    const read = eventBus.read.bind(eventBus);
    eventBus.read = async (query) => {
      const before = await read(query);
      await approve('1');
      return before;
    };
    expect(await judge('2')).toBe(1);
  });

  it("behavior: by the user's day; what was let pass and never approved counts for ten minutes", async () => {
    const { approve, clock, judge } = counter(Date.UTC(2026, 0, 5, 23, 50));
    await judge('1');
    await approve('0');
    expect(await judge('2', false)).toBe(2);
    await clock.advanceBy(hourMs / 6);
    expect(await judge('2', false)).toBe(0);
    const noon = counter();
    await noon.judge('1');
    await noon.clock.advanceBy(hourMs / 6);
    expect(await noon.judge('2')).toBe(0);
  });
});
