import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from '../testing/product.ts';
import { writeRecording } from '../testing/recording.ts';
import { runModelDay } from './run-model-day.ts';

const place = new Workplace();
afterAll(() => place[Symbol.asyncDispose]());

describe('a day with models', () => {
  it('default: is the same again from what it wrote down, to the byte and decision by decision', {
    timeout: 600_000,
  }, async () => {
    const { directory: recording, minutes } = await writeRecording(place.file('recording'), {
      ...{ seed: 'c', markets: ['BTC'], days: 1 },
    });
    const fromMs = minutes.get('BTC')?.[0]?.openAtMs ?? 0;
    const day = await runModelDay({
      ...{
        recording,
        fromMs,
        symbol: 'BTC',
        folder: place.path,
        seed: 't',
        outageAfter: 45,
        timeoutMs: 4_000,
        times: 1,
      },
      args: ['--to', new Date(fromMs + 4 * 3_600_000).toISOString()],
    });
    const { report } = day.recorded;
    // Opinions of models and of rules, several kinds of failures, and a breaker that opened.
    expect(Object.keys(day.opinions).sort()).toEqual(['model', 'rules']);
    const { 'model.circuit-open': leftAlone = 0, 'model.unavailable': down = 0, ...bad } = day.fallbacks;
    expect([leftAlone > 0, down > 0, Object.keys(bad).length > 1]).toEqual([true, true, true]);
    expect(report.rounds).toBe(16);
    expect(report.fills).toBeGreaterThan(0);

    const same = { sameDigest: true, sameDecisions: true, sameFills: true, notRecorded: 0 };
    expect(day.replays).toEqual([expect.objectContaining(same)]);
    expect({ ...day.replays[0]?.report, durationMs: 0 }).toEqual({ ...report, durationMs: 0 });
    expect(day.alone.others).toEqual([]);
    expect(day.alone.traces).toBe(16);

    expect(day.changed.answer).toMatchObject({ sameDigest: false });
    expect(day.changed.feature).toMatchObject({ sameDigest: false });
    expect(day.changed.feature.notRecorded).toBeGreaterThan(0);
  });

  it('error: a folder in which no desk ran', { timeout: 60_000 }, async () => {
    const ended = await place.run('--headless --seed s --replay-models nowhere'.split(' '));
    expect([ended.code, ended.error]).toEqual([
      1,
      'perpdesk: --replay-models takes the --data-dir of an earlier run, not nowhere.\n',
    ]);
  });
});
