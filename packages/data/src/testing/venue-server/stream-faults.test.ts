import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FaultInjector, noFaults } from './fault-injector.ts';
import { runStreamFaults } from './stream-faults.ts';

describe('streams through faults (pnpm campaign stream-faults runs a thousand)', () => {
  it('behavior: book, trades and bars are the venue’s after cuts, silences, lost, doubled, reordered and spoiled frames', async () => {
    const outcomes = await runStreamFaults({ seed: 1, cases: 4, together: 4 });
    expect(outcomes.map(({ seed, failures }) => [seed, failures])).toEqual(outcomes.map(({ seed }) => [seed, []]));
    for (const { told } of outcomes)
      expect(Math.min(told.trades, told.deltas, told.books, told.bars)).toBeGreaterThan(0);
    const faults = (name: string): number => outcomes.reduce((sum, outcome) => sum + (outcome.faults[name] ?? 0), 0);
    expect(Math.min(...['cut', 'drop', 'duplicate', 'reorder', 'corrupt', 'truncate'].map(faults))).toBeGreaterThan(0);
    expect(outcomes.reduce((sum, { gaps }) => sum + gaps.told, 0)).toBeGreaterThan(10);
  });

  it('behavior: OKX books and bars too, where one changed digit shows in the checksum', async () => {
    const outcomes = await runStreamFaults({ venue: 'okx', seed: 1, cases: 2, together: 2 });
    expect(outcomes.map(({ failures }) => failures)).toEqual([[], []]);
    expect(outcomes.reduce((sum, { faults }) => sum + (faults.tamper ?? 0), 0)).toBeGreaterThan(0);
  });

  it.each([
    ['binance', 'sequence-check'],
    ['binance', 'trade-fill'],
    ['okx', 'checksum'],
  ] as const)('error: is noticed when the %s feed’s %s is off', async (venue, without) => {
    const outcomes = await runStreamFaults({ venue, seed: 1, cases: 2, together: 2, without, least: { tamper: 0.1 } });
    expect(outcomes.filter(({ failures }) => failures.length > 0)).not.toEqual([]);
  });
});

describe('FaultInjector', () => {
  const through = (rates: Partial<typeof noFaults>, count = 200): { sent: string[]; faults: number } => {
    const injector = new FaultInjector(new SeededRandom(1), { ...noFaults, ...rates });
    const sent: string[] = [];
    let faults = 0;
    for (let i = 0; i < count; i += 1) {
      const { send, due, fault } = injector.next({ stream: 's', text: `{"frame":${i}}` });
      sent.push(...send, ...due.map(({ text }) => text));
      if (fault !== undefined) faults += 1;
    }
    return { sent, faults };
  };

  it('default: lets everything through, repeatably', () => {
    expect(through({})).toEqual({ sent: Array.from({ length: 200 }, (_, i) => `{"frame":${i}}`), faults: 0 });
    expect(through({ reorder: 0.2 })).toEqual(through({ reorder: 0.2 }));
  });

  it('behavior: a reordered frame comes whole, at most five frames later', () => {
    const { sent, faults } = through({ reorder: 0.2 });
    expect(faults).toBeGreaterThan(20);
    sent.forEach((text, at) => {
      const frame = Number(/\d+/.exec(text)?.[0]);
      expect(Math.abs(frame - at)).toBeLessThanOrEqual(5 + 5);
      expect(text).toBe(`{"frame":${frame}}`);
    });
  });

  it('behavior: spoiled frames are no JSON, dropped ones are gone, doubled ones come twice', () => {
    for (const spoil of ['corrupt', 'truncate'] as const) {
      for (const text of through({ [spoil]: 1 }).sent) expect(() => JSON.parse(text)).toThrow();
    }
    const [tampered = ''] = through({ tamper: 1 }, 1).sent;
    expect(JSON.parse(tampered)).toEqual({ frame: expect.any(Number) });
    expect(tampered).not.toBe('{"frame":0}');
    expect(through({ drop: 1 }).sent).toEqual([]);
    expect(through({ duplicate: 1 }, 1).sent).toEqual(['{"frame":0}', '{"frame":0}']);
  });
});
