import { type Position, SimulatedClock, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { UnprotectedMeter } from './unprotected-meter.ts';

const position = (changes: Partial<Position> = {}): Position => ({
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@paper', direction: 'long', leverage: 5 },
  ...{ size: toSize(2), entryPrice: toPrice(100), markPrice: toPrice(100), marginMode: 'isolated' },
  ...{ margin: toUsd(40), unrealizedPnl: toUsd(0), realizedPnl: toUsd(0), openedAtMs: 0, updatedAtMs: 0 },
  ...changes,
});

describe('UnprotectedMeter', () => {
  it('default: from the fill to the stop, size by time', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_000 });
    const meter = new UnprotectedMeter({ clock });
    meter.note(position({ updatedAtMs: 400 }), toSize(2));
    await clock.advanceTo(2_000);
    meter.note(position({ updatedAtMs: 400 }), toSize(1));
    expect(meter.summary()).toMatchObject({ spells: 0, open: 1, usdSeconds: '320' });
    await clock.advanceTo(2_500);
    meter.note(position({ updatedAtMs: 400 }), toSize(0));
    expect(meter.summary()).toEqual({
      ...{ spells: 1, p50Ms: 2_100, p99Ms: 2_100, maxMs: 2_100, usdSeconds: '370', open: 0 },
    });
  });

  it('behavior: a second fill begins a spell of its own, at the fill', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_000 });
    const meter = new UnprotectedMeter({ clock });
    meter.note(position({ updatedAtMs: 500 }), toSize(0));
    await clock.advanceTo(9_000);
    meter.note(position({ updatedAtMs: 8_800 }), toSize(1));
    await clock.advanceTo(9_100);
    meter.note(position({ updatedAtMs: 8_800 }), toSize(0));
    expect(meter.summary()).toMatchObject({ spells: 1, maxMs: 300, usdSeconds: '30' });
  });

  it('behavior: a close ends the spell, and percentiles are of spells', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const meter = new UnprotectedMeter({ clock });
    for (let spell = 1; spell <= 100; spell += 1) {
      const at = clock.nowMs();
      meter.note(position({ updatedAtMs: at }), toSize(1));
      await clock.advanceTo(at + spell);
      if (spell % 2 === 0) meter.forget(position());
      else meter.note(position({ updatedAtMs: at }), toSize(0));
    }
    expect(meter.summary()).toMatchObject({ spells: 100, p50Ms: 50, p99Ms: 99, maxMs: 100, open: 0 });
  });
});
