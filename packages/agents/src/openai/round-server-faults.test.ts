import {
  type AgentReport,
  type LanguageModel,
  type Opinion,
  type Round,
  roundKey,
  SystemClock,
  type Ticker,
} from '@perpdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Luma } from '../luma/agent.ts';
import { Meridian } from '../meridian/agent.ts';
import { answer, CompletionServer, type Handler } from '../testing/completion-server.ts';
import { exampleCandles, exampleFunding, exampleMarket, exampleOpenInterest, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { serverPlays } from '../testing/server-plays.ts';
import { Vanta } from '../vanta/agent.ts';
import { WarRoom } from '../war-room/war-room.ts';
import { OpenAiModel } from './open-ai-model.ts';

const id = 'BTC-PERP@hyperliquid';
const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles();
const modelTimeoutMs = 500;
const limits = { agentDeadlineMs: 2_000, roundDeadlineMs: 6_000 };
/** For a machine that is busy with other tests. */
const slackMs = 1_500;
const round: Round = {
  key: roundKey('BTC-PERP', '15m', atMs),
  ...{ market: 'BTC-PERP', instrumentId: id, timeframe: '15m', closeAtMs: atMs, mode: 'handoff' },
};

const last = candles.findLast(({ timeframe }) => timeframe === '15m')?.close ?? Number.NaN;
const ticker: Ticker = {
  ...{ instrumentId: id, last, mark: last, bid: last - 1, ask: last + 1 },
  ...{ exchangeAtMs: atMs, receivedAtMs: atMs },
};

const good: Handler = (response, seen) =>
  answer(JSON.stringify(answerTo(seen.body.messages[1]?.content ?? '', 20)))(response, seen);

let sound: CompletionServer;
let soundUrl: string;
beforeAll(async () => {
  await import('openai');
  sound = new CompletionServer([good]);
  soundUrl = await sound.start();
});
afterAll(() => sound.stop());

const modelAt = (baseURL: string): LanguageModel =>
  new OpenAiModel({ apiKey: 'sk-hidden-hidden-hidden', model: 'served', baseURL });

/** Opinions and a round of three agents, of whom Vanta has this model or none; the others' servers answer well. */
async function holdRound(vantas: LanguageModel | undefined) {
  const { view, request } = exampleMarket(atMs, {
    ...{ candles, tickers: [ticker], funding: exampleFunding(id, atMs, [0.00001, 0.00002]) },
    openInterest: exampleOpenInterest(id, atMs, 1),
  });
  const clock = new SystemClock();
  const marketView = view;
  const thinking = { clock, modelTimeoutMs };
  const agents = [
    new Vanta({ marketView, ...thinking, ...(vantas === undefined ? {} : { model: vantas }) }),
    new Luma({ marketView, derivativesView: view, ...thinking, model: modelAt(soundUrl) }),
    new Meridian({ marketView, macroView: view, ...thinking, model: modelAt(soundUrl) }),
  ];
  const reports: { readonly agent: string; readonly report: AgentReport }[] = [];
  const opinions = new Map<string, Opinion>();
  await Promise.all(
    agents.map(async (agent) => {
      const opinion = await agent.opine(request, { onReport: (report) => reports.push({ agent: agent.name, report }) });
      if (opinion !== undefined) opinions.set(agent.name, opinion);
    }),
  );
  const room = new WarRoom({ agents, marketView, wallClock: clock, limits });
  const begunAtMs = clock.nowMs();
  const outcome = await room.hold(round, opinions);
  const { degraded, ...decided } = outcome;
  const inOrder = agents.flatMap(({ name }) => opinions.get(name) ?? []);
  return { opinions: inOrder, decided, degraded, reports, tookMs: clock.nowMs() - begunAtMs };
}

describe('a round of three agents of whom one’s server fails', () => {
  let without: Awaited<ReturnType<typeof holdRound>>;
  beforeAll(async () => {
    without = await holdRound(undefined);
  });

  it('default: without that model its rules and the others’ models hold the round', () => {
    expect(without.opinions.map(({ agent, source }) => [agent, source])).toEqual([
      ['vanta', 'rules'],
      ['luma', 'model'],
      ['meridian', 'model'],
    ]);
    expect([without.degraded, without.reports]).toEqual([[], []]);
  });

  it.each(serverPlays)('behavior: $name', async ({ play, outcome }) => {
    const server = new CompletionServer([play]);
    try {
      const held = await holdRound(modelAt(await server.start()));
      expect(held.tookMs).toBeLessThan(limits.roundDeadlineMs + slackMs);
      expect(held.opinions.slice(1)).toEqual(without.opinions.slice(1));
      if (outcome === 'answered') {
        expect([held.degraded, held.opinions[0]?.source]).toEqual([[], 'model']);
        return;
      }
      // The cause is told with the opinion and with the round; all that was said and decided is as if the model had never been.
      const fell = held.reports.map(({ agent, report }) => [agent, report.kind, 'code' in report ? report.code : '']);
      expect(fell).toEqual([['vanta', 'fell-back', outcome]]);
      expect(held.degraded).toEqual([{ agent: 'vanta', code: outcome }]);
      expect(JSON.stringify(held.opinions)).toBe(JSON.stringify(without.opinions));
      expect(JSON.stringify(held.decided)).toBe(JSON.stringify(without.decided));
      expect(JSON.stringify(held)).not.toContain('sk-hidden');
    } finally {
      await server.stop();
    }
  });
});
