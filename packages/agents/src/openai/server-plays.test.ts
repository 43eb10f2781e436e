import { type AgentReport, SystemClock } from '@perpdesk/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CompletionServer } from '../testing/completion-server.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { serverPlays } from '../testing/server-plays.ts';
import { Vanta } from '../vanta/agent.ts';
import { OpenAiModel } from './open-ai-model.ts';

const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles();
const modelTimeoutMs = 800;
/** Beyond the model's time: computing features, and a machine that is busy with other tests. */
const slackMs = 1_200;

// The first question of a process loads the package; that is not what is measured here.
beforeAll(() => import('openai'));

let server: CompletionServer | undefined;
afterEach(() => server?.stop());

describe.each([{ way: 'whole' }, { way: 'streamed' }])('an agent whose model’s server answers $way', ({ way }) => {
  it.each(serverPlays)('behavior: $name', async ({ play, outcome }) => {
    server = new CompletionServer([play]);
    const baseURL = await server.start();
    const { view, request } = exampleMarket(atMs, { candles });
    const clock = new SystemClock();
    const ruled = await new Vanta({ marketView: view, clock }).opine(request);
    const model = new OpenAiModel({ apiKey: 'sk-hidden-hidden-hidden', model: 'served', baseURL });
    const vanta = new Vanta({ marketView: view, clock, model, modelTimeoutMs });
    const reports: AgentReport[] = [];
    const drafts: string[] = [];
    const begunAtMs = clock.nowMs();
    const opinion = await vanta.opine(request, {
      onReport: (report) => reports.push(report),
      ...(way === 'streamed' ? { onDraft: (text: string) => drafts.push(text) } : {}),
    });
    expect(clock.nowMs() - begunAtMs).toBeLessThan(modelTimeoutMs + slackMs);
    expect(server.requests[0]?.body.stream).toBe(way === 'streamed' ? true : undefined);
    if (outcome === 'answered') {
      expect([reports, opinion?.source, opinion?.score]).toEqual([[], 'model', 80]);
      if (way === 'streamed') expect(drafts.at(-1)).toBe(opinion?.reasoning);
      return;
    }
    expect(reports).toEqual([{ kind: 'fell-back', code: outcome, message: expect.any(String) }]);
    expect(opinion).toEqual(ruled);
    expect(opinion?.source).toBe('rules');
    expect(JSON.stringify(reports)).not.toContain('sk-hidden');
    for (const draft of drafts) expect(draft.length).toBeLessThanOrEqual(2_000);
  });
});
