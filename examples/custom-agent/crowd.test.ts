import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ScriptedModel } from '@perpdesk/agents';
import {
  type DerivativesFeaturesView,
  type FundingFeatures,
  type OpenInterestFeatures,
  SimulatedClock,
  type Turn,
} from '@perpdesk/core';
import { sensingAgentContract } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { crowd } from './crowd.ts';

const clock = new SimulatedClock({ startAtMs: 1_767_571_200_000 });
const request = {
  market: 'BTC-PERP',
  instrumentId: 'BTC-PERP@hyperliquid',
  atMs: clock.nowMs(),
  deadlineMs: 5_000,
} as const;

/** A market in which holders pay so much a year while open interest moves so much an hour. */
function derivatives(annualized?: number, percent?: number): DerivativesFeaturesView {
  const fresh = <Value>(value: Value) => ({ quality: 'fresh' as const, value, atMs: clock.nowMs() });
  const funding: FundingFeatures = {
    per8h: (annualized ?? 0) / 1_095,
    annualized: annualized ?? 0,
    predicted: true,
    settlesAtMs: 0,
  };
  const openInterest: OpenInterestFeatures = {
    size: 1,
    notionalUsd: 1,
    ...(percent === undefined ? {} : { move: { percent, spanMs: 3_600_000, usd: 0 } }),
  };
  return {
    derivativesOf: () =>
      annualized === undefined ? {} : { funding: fresh(funding), openInterest: fresh(openInterest) },
    marketDerivatives: () => ({}),
  };
}
/** A model that says short, and wants to hear an agent again that disagrees. */
const asking = (agent: string) =>
  new ScriptedModel({
    answer: () => ({
      direction: 'short',
      components: { funding: -20, positions: -20 },
      keyLevels: [],
      evidence: [{ feature: 'funding.annualPercent', value: 26 }],
      reasoning: 'Holders pay dearly.',
      asks: { agent, kind: 'disagreement' },
    }),
  });
const opine = (annualized?: number, percent?: number) =>
  crowd({ clock, derivatives: derivatives(annualized, percent) }).opine(request);

describe('crowd', () => {
  it('default: it leans against whoever pays', async () => {
    expect(await opine(0.26, 1.5)).toMatchObject({ direction: 'short', score: -100, completeness: 1 });
    expect(await opine(-0.04, 0.75)).toMatchObject({ direction: 'long', score: 75, completeness: 1 });
    expect(await opine(0.11)).toMatchObject({ direction: 'neutral', score: 0, completeness: 0.5 });
  });

  it('behavior: its model may ask who has spoken to speak again, for what is so', async () => {
    const agent = crowd({ clock, derivatives: derivatives(0.26, 1.5), model: asking('another') });
    const opinion = await agent.opine(request);
    if (opinion === undefined) throw new Error('crowd has data');
    const said: Omit<Turn, 'direction'> = {
      ...{ index: 0, agent: 'another', confidence: 0.7, keyLevels: [], evidence: [], source: 'rules' },
      reasoning: 'I see the opposite.',
    };
    const ask = (direction: 'long' | 'short') =>
      agent.debate({ ...request, opinion, transcript: [{ ...said, direction }] });
    expect(await ask('long')).toMatchObject({ direction: 'short', source: 'model', handoff: { to: 'another' } });
    expect(await ask('short')).not.toHaveProperty('handoff');
  });

  for (const [by, model] of [
    ['by rules', undefined],
    ['by a model that asks', asking('another')],
    ['by a model that asks for nobody there', asking('nobody')],
  ] as const)
    for (const { name, run } of sensingAgentContract)
      it(`${name} (${by})`, () =>
        run(() => {
          const thinking = model === undefined ? {} : { model };
          return {
            agent: crowd({ clock, derivatives: derivatives(0.26, 1), ...thinking }),
            request,
            withoutData: crowd({ clock, derivatives: derivatives(), ...thinking }),
          };
        }));
});

describe('main', () => {
  it('default: it takes part in debates and plans', async () => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@perpdesk/source', main], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ votes of crowd in 96 rounds$/);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines.slice(0, -1))
      expect(line).toMatch(/^\d\d:\d\d recommended with crowd (long|short) 0\.\d{3} at weight 0\.2$/);
  }, 90_000);

  it('behavior: it stays an example: the agent about 30 lines, the desk around it under 60', () => {
    const lines = (file: string) =>
      readFileSync(new URL(file, import.meta.url), 'utf8')
        .trimEnd()
        .split('\n').length;
    expect(lines('crowd.ts')).toBeLessThan(36);
    expect(lines('main.ts')).toBeLessThan(60);
  });
});
