import { describe, expect, it } from 'vitest';
import { FundingTracker } from './funding-tracker.ts';
import { fundingAt, hourMs, startMs } from './testing/example-derivatives.ts';

const at = (hour: number): number => startMs + hour * hourMs;

function tracked(rates: readonly ReturnType<typeof fundingAt>[]): FundingTracker {
  const tracker = new FundingTracker();
  for (const rate of rates) tracker.push(rate);
  return tracker;
}

describe('FundingTracker', () => {
  it('default: whatever the interval, a rate per 8 h and over a year', () => {
    const hourly = tracked([fundingAt(at(1), 0.0000125)]).features();
    const eightHourly = tracked([fundingAt(at(8), 0.0001, { intervalMs: 8 * hourMs })]).features();
    for (const features of [hourly, eightHourly]) {
      expect(features?.per8h).toBeCloseTo(0.0001, 12);
      expect(features?.annualized).toBeCloseTo(0.1095, 12);
      expect(features?.realizedPer8h).toBeCloseTo(0.0001, 12);
    }
    expect(hourly).toMatchObject({ predicted: false, settlesAtMs: at(1) });
  });

  it('behavior: a prediction is the newest word until it is settled, and what was settled is told against it', () => {
    const predicted = fundingAt(at(2), 0.00002, { predicted: true });
    const before = tracked([fundingAt(at(1), 0.00001), predicted]);
    expect(before.features()).toMatchObject({ predicted: true, settlesAtMs: at(2), realizedPer8h: 0.00008 });
    expect(before.features()).not.toHaveProperty('surprisePer8h');
    const after = tracked([fundingAt(at(1), 0.00001), predicted, fundingAt(at(2), 0.00003)]).features();
    expect(after).toMatchObject({ predicted: false, settlesAtMs: at(2) });
    expect(after?.surprisePer8h).toBeCloseTo(0.00008, 12);
  });

  it('behavior: it is found also where the next was predicted before this was settled', () => {
    const tracker = tracked([
      fundingAt(at(2), 0.00001, { predicted: true }),
      fundingAt(at(2), 0.00002, { predicted: true }),
      fundingAt(at(3), 0.00009, { predicted: true }),
      fundingAt(at(2), 0.00003),
    ]);
    expect(tracker.features()).toMatchObject({ predicted: true, settlesAtMs: at(3) });
    expect(tracker.features()?.surprisePer8h).toBeCloseTo(0.00008, 12);
  });

  it('behavior: what comes late changes nothing, a corrected settlement does', () => {
    const tracker = tracked([
      fundingAt(at(2), 0.00002),
      fundingAt(at(1), 0.5),
      fundingAt(at(2), 0.7, { predicted: true }),
    ]);
    expect(tracker.features()?.per8h).toBeCloseTo(0.00016, 12);
    tracker.push(fundingAt(at(2), 0.00004));
    expect(tracker.features()?.realizedPer8h).toBeCloseTo(0.00032, 12);
  });

  it('behavior: unusual by the settled rates before it, from eight on, and by half a basis point at least', () => {
    const pinned = Array.from({ length: 20 }, (_, i) => fundingAt(at(i), 0.0000125));
    expect(tracked(pinned.slice(0, 8)).features()).not.toHaveProperty('z');
    expect(tracked([...pinned, fundingAt(at(20), 0.00005)]).features()?.z).toBeCloseTo(6, 9);
    const swinging = Array.from({ length: 20 }, (_, i) => fundingAt(at(i), i % 2 === 0 ? 0.0001 : -0.0001));
    expect(tracked([...swinging, fundingAt(at(20), 0.0003, { predicted: true })]).features()?.z).toBeCloseTo(3, 9);
    expect(new FundingTracker().features()).toBeUndefined();
  });
});
