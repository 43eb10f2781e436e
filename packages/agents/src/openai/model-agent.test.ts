import type { AgentReport } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { CompletionServer } from '../testing/completion-server.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { Vanta } from '../vanta/agent.ts';
import { OpenAiModel } from './open-ai-model.ts';

const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles();
let server: CompletionServer | undefined;
afterEach(() => server?.stop());

/** Asks Vanta over a server that answers each prompt by `content`. */
async function ask(content: (prompt: string) => object) {
  server = new CompletionServer([
    (response, seen) => {
      const text = JSON.stringify(content(seen.body.messages[1]?.content ?? ''));
      const message = { role: 'assistant', content: text, refusal: null };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message }] }));
    },
  ]);
  const model = new OpenAiModel({ apiKey: 'local', model: 'served', baseURL: await server.start() });
  const { view, clock, request } = exampleMarket(atMs, { candles });
  const reports: AgentReport[] = [];
  const opinion = await new Vanta({ marketView: view, clock, model }).opine(request, {
    onReport: (report) => reports.push(report),
  });
  return { opinion, reports, requests: server.requests };
}

describe('an agent over an OpenAI-compatible server', () => {
  it("default: the answer becomes the agent's opinion", async () => {
    const { opinion, reports } = await ask((prompt) => answerTo(prompt, -15));
    expect(opinion).toMatchObject({ source: 'model', direction: 'short', score: -60 });
    expect(reports).toEqual([]);
  });

  it('error: invented numbers fall back to the rules and are told', async () => {
    const { opinion, reports, requests } = await ask((prompt) => ({
      ...answerTo(prompt, -15),
      reasoning: 'Support is at 31337.',
    }));
    expect(opinion?.source).toBe('rules');
    expect(reports).toMatchObject([{ kind: 'fell-back', code: 'model.ungrounded' }]);
    expect(requests).toHaveLength(1);
  });
});
