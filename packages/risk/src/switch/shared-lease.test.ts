import { SimulatedClock, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeDesk, orderNumber } from '../testing/fake-desk.ts';
import { aPosition } from '../testing/fixtures.ts';
import { SharedLease } from './shared-lease.ts';

class Source {
  down = false;
  hanging = false;
  readings = 0;
  ageMs = 0;
  refresh(): Promise<number> {
    this.readings += 1;
    if (this.hanging) return new Promise(() => {});
    return this.down ? Promise.reject(new Error('The database is stopped.')) : Promise.resolve(this.ageMs);
  }
}

async function started(options: { leaseMs?: number; renewEveryMs?: number } = {}) {
  const clock = new SimulatedClock({ startAtMs: 1_000_000 });
  const source = new Source();
  const lease = new SharedLease({ clock, source, ...options });
  await lease.start();
  return { clock, source, lease };
}

describe('SharedLease', () => {
  it('default: held while the state can be read, and gone within 2 s after', async () => {
    const { clock, source, lease } = await started();
    expect(lease.held()).toBe(true);
    await clock.advanceBy(60_000);
    expect([lease.held(), source.readings]).toEqual([true, 121]);
    source.down = true;
    await clock.advanceBy(1_999);
    expect(lease.held()).toBe(true);
    await clock.advanceBy(1);
    expect(lease.held()).toBe(false);
    source.down = false;
    await clock.advanceBy(500);
    expect(lease.held()).toBe(true);
  });

  it('behavior: a reading that hangs holds nothing, and does not keep later ones away', async () => {
    const { clock, source, lease } = await started();
    source.hanging = true;
    await clock.advanceBy(2_000);
    expect(lease.held()).toBe(false);
    source.hanging = false;
    await clock.advanceBy(2_500);
    expect(lease.held()).toBe(true);
  });

  it('behavior: counts from the oldest sign of the others, and is not held while one of them is silent', async () => {
    const { clock, source, lease } = await started();
    source.ageMs = 600;
    await clock.advanceBy(500);
    source.down = true;
    await clock.advanceBy(1_399);
    expect(lease.held()).toBe(true);
    await clock.advanceBy(1);
    expect(lease.held()).toBe(false);
    source.down = false;
    source.ageMs = 2_000;
    await clock.advanceBy(500);
    expect(lease.held()).toBe(false);
    source.ageMs = 1_599;
    await clock.advanceBy(500);
    expect(lease.held()).toBe(true);
  });

  it('behavior: nothing is held before the start, after the stop, or where the first reading failed', async () => {
    const clock = new SimulatedClock({ startAtMs: 5 });
    const source = new Source();
    source.down = true;
    const lease = new SharedLease({ clock, source });
    expect([lease.held(), lease.health().status]).toEqual([false, 'stopped']);
    await lease.start();
    expect([lease.held(), lease.health().status]).toEqual([false, 'degraded']);
    source.down = false;
    await clock.advanceBy(500);
    expect(lease.held()).toBe(true);
    await lease.stop();
    expect(lease.held()).toBe(false);
  });

  it('behavior: a clock set back ends it', async () => {
    let nowMs = 10_000;
    const clock = Object.assign(new SimulatedClock(), { nowMs: () => nowMs });
    const lease = new SharedLease({ clock, source: new Source() });
    await lease.start();
    nowMs = 9_000;
    expect(lease.held()).toBe(false);
  });

  it('behavior: without it Brix lets no new risk pass, and exits go on', async () => {
    const desk = new FakeDesk();
    desk.add();
    const { clock, source, lease } = await started();
    const brix = desk.brix({ lease: () => lease.held() });
    expect(await brix.authorize(orderNumber(1))).toMatchObject({ outcome: 'approved' });
    source.down = true;
    await clock.advanceBy(2_000);
    expect(await brix.authorize(orderNumber(2))).toMatchObject({
      rejection: { code: 'lease.missing', actual: 'lapsed' },
    });
    desk.positions.set('ada', [aPosition({ instrumentId: 'BTC-PERP@hyperliquid', size: toSize('0.02') })]);
    const exit = { side: 'sell', type: 'market', price: undefined, stopLoss: undefined, leverage: undefined };
    expect(
      await brix.authorize(orderNumber(3, { ...exit, reduceOnly: true, purpose: 'exit', origin: 'kill-switch' })),
    ).toMatchObject({ outcome: 'approved' });
  });

  it('error: longer than 2 s, or not renewed within itself', () => {
    const clock = new SimulatedClock();
    for (const options of [{ leaseMs: 2_001 }, { leaseMs: 0 }, { renewEveryMs: 2_000 }, { leaseMs: Number.NaN }])
      expect(() => new SharedLease({ clock, source: new Source(), ...options })).toThrow(
        expect.objectContaining({ code: 'lease.invalid' }),
      );
  });
});
