import { ScriptedModel } from '@perpdesk/agents';
import { ConfigError } from '@perpdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTo } from '../testing/model-server.ts';
import { Workplace } from '../testing/product.ts';
import { writeRecording } from '../testing/recording.ts';
import { type DeskStudySetting, studyDesk } from './study-desk.ts';

const place = new Workplace();
let recording = '';
let toMs = 0;
beforeAll(async () => {
  const { directory, minutes } = await writeRecording(place.file('recording'), {
    seed: 'c',
    markets: ['BTC'],
    days: 1,
  });
  recording = directory;
  toMs = (minutes.get('BTC')?.[0]?.openAtMs ?? 0) + 6 * 3_600_000;
});
afterAll(() => place[Symbol.asyncDispose]());

const cloud = () =>
  new ScriptedModel({
    name: 'cloud',
    about: { inputUsdPerMillion: 1, outputUsdPerMillion: 10, knowledgeCutoff: '2030-01-01' },
    usage: { inputTokens: 1_500, outputTokens: 200 },
    answer: ({ prompt }) => answerTo(prompt),
  });

const base = (): DeskStudySetting => ({
  ...{ recording, toMs, mode: 'graph', models: 'paid', answersFile: place.file('answers.db'), capUsd: 5 },
  print: () => {},
});

async function study(change: Partial<DeskStudySetting>) {
  const lines: string[] = [];
  const found = await studyDesk({ ...base(), print: (line) => lines.push(line), ...change });
  return { ...found, lines };
}

describe('studyDesk', () => {
  it('default: estimated, paid for once, then the same to the byte from the cache, for nothing', {
    timeout: 120_000,
  }, async () => {
    const model = cloud();
    const paid = await study({ model });
    expect(paid.outcome.outcome).toBe('complete');
    expect(paid.outcome.asked).toBeGreaterThan(20);
    expect(paid.outcome.unanswered).toEqual({});
    expect(paid.outcome.usd).toBeCloseTo((paid.outcome.asked * (1_500 + 2_000)) / 1e6, 6);
    expect(paid.estimate?.questions).toBeGreaterThan(20);
    expect(paid.outcome.usd).toBeLessThan(paid.estimate?.mostUsd ?? 0);
    expect(paid.cutoff.overlap).toBe('whole');
    expect(paid.lines[0]).toMatch(/^Estimate: \d+ questions in \d+ rounds/);
    expect(paid.lines[1]).toMatch(/^OVERLAP: cloud has read up to 2030-01-01, all of the window/);

    const asked = model.questions.length;
    const cached = await study({ model, models: 'cache' });
    expect(model.questions.length).toBe(asked);
    expect(cached.outcome).toMatchObject({ outcome: 'complete', asked: 0, usd: 0, unanswered: {} });
    expect(cached.backtest.digest).toBe((await study({ model, models: 'cache' })).backtest.digest);
    expect(cached.backtest.recommendations).toEqual(paid.backtest.recommendations);
  });

  it('behavior: ends at the cap with what was played, and goes on from there', { timeout: 120_000 }, async () => {
    const answersFile = place.file('capped.db');
    const model = cloud();
    const capped = await study({ model, answersFile, capUsd: 0.06 });
    expect(capped.outcome).toMatchObject({ outcome: 'capped', capUsd: 0.06 });
    expect(capped.outcome.usd).toBeLessThanOrEqual(0.06);
    expect(capped.outcome.asked).toBeGreaterThan(0);
    expect(capped.backtest.toMs).toBeLessThan(toMs);
    expect(capped.lines.at(-1)).toMatch(/^CAPPED at \$0.06/);
    const whole = await study({ model, answersFile });
    expect(whole.outcome.outcome).toBe('complete');
    expect(whole.outcome.kept).toBeGreaterThanOrEqual(capped.outcome.asked);
    expect(whole.backtest.toMs).toBeGreaterThanOrEqual(toMs);
  });

  it('error: without a model, or a cap on what it costs, nothing begins', async () => {
    await expect(study({})).rejects.toThrow(ConfigError);
    await expect(study({ models: 'cache' })).rejects.toThrow(/needs a model/);
    const { capUsd: _, ...uncapped } = base();
    await expect(studyDesk({ ...uncapped, model: cloud() })).rejects.toThrow(/needs --cap/);
  });
});
