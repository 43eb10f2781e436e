import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Candle, type ChatMessage, type MarketId, SeededRandom, type Turn } from '@perpdesk/core';
import {
  exampleAnswer,
  exampleApproval,
  exampleAtMs,
  exampleMarkets,
  exampleOpinion,
  exampleOrder,
  examplePosition,
  examplePrediction,
  exampleProposal,
  exampleRecords,
  exampleRound,
  exampleTicker,
} from './example-data.ts';
import { exampleDesk } from './example-desk.ts';

/**
 * Serves the built page over an example desk in which every panel has something to show. `move` takes one step of its
 * market, a walk by a seed.
 */
export async function servePage(webDirectory: string) {
  const desk = exampleDesk({ webDirectory });
  const { state, publish, stream, app } = desk;
  state.positions = [
    examplePosition('BTC-PERP', 117_905.3, 118_250.4, '0.01234', 'long'),
    examplePosition('SOL-PERP', 188.9, 187.42, '26.31', 'short'),
    examplePosition('KPEPE-PERP', 0.012_41, 0.012_34, '182000', 'long'),
  ];
  state.approvals = [exampleApproval];
  state.proposals = [exampleProposal];
  state.trackRecords = exampleRecords;
  state.predictions = [
    examplePrediction(1, { question: 'Will the Fed cut rates in January 2026?', mid: 0.41, edge: 0.11 }),
    examplePrediction(2, {
      question: 'Will Bitcoin close above $120,000 on 31 January 2026, by the reference rate of 16:00 London time?',
      mid: 0.63,
      edge: -0.082,
    }),
    examplePrediction(3, { question: 'Will <b>CPI</b> for December come in above 3 %?', mid: 0.18, edge: 0.046 }),
  ];
  const { source: _, ...said } = exampleAnswer;
  const asked: ChatMessage = {
    ...said,
    role: 'user',
    agents: [],
    citations: [],
    text: 'What does Vanta think of BTC?',
  };
  const put = `I propose: ${exampleProposal.summary} Nothing is done before you approve it where it is shown; a word in the chat approves nothing.`;
  state.messages = [
    { ...asked, id: 'msg_1' },
    exampleAnswer,
    { ...asked, id: 'msg_2', text: 'close my BTC position' },
    { ...exampleAnswer, id: 'msg_3', agents: ['orchestrator'], text: put, proposalId: exampleProposal.id },
  ];
  for (const [index, { market }] of exampleMarkets.entries()) {
    await speak(desk, market, index % 2 === 0 ? 1 : -1);
    await debate(desk, market);
  }
  const [position] = state.positions;
  const rejection = { code: 'price.collar', message: 'The price is 6.2 % from the mark; 5 % is the limit.' } as const;
  const own = { key: 'demo', userId: 'demo' };
  await publish({ type: 'order.accepted', ...own, payload: exampleOrder });
  if (position !== undefined) await publish({ type: 'position.opened', ...own, payload: position });
  await publish({ type: 'order.refused', ...own, payload: { order: exampleOrder, rejection } });

  await stream.start();
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    ...desk,
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    move: walk(desk),
    close: (): Promise<unknown> => {
      stream.stop();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

type ExampleDesk = ReturnType<typeof exampleDesk>;

function walk({ clock, marketBus, state }: ExampleDesk): () => Promise<void> {
  const random = new SeededRandom('page');
  const prices = new Map(exampleMarkets.map(({ market, price }) => [market, price]));
  const bars = new Map<MarketId, Candle>();
  let moving = false;
  return async () => {
    if (moving) return;
    moving = true;
    await clock.advanceBy(1000);
    const nowMs = clock.nowMs();
    const openAtMs = nowMs - (nowMs % 60_000);
    for (const { market } of exampleMarkets) {
      const instrumentId = `${market}@hyperliquid` as const;
      const price = (prices.get(market) ?? 1) * (1 + (random.next() - 0.5) * 0.001);
      prices.set(market, price);
      await marketBus.publish('ticker.updated', instrumentId, exampleTicker(instrumentId, price, nowMs));
      const known = bars.get(market);
      const { open, high, low, volume } =
        known?.openAtMs === openAtMs ? known : { open: price, high: price, low: price, volume: 0 };
      const bar: Candle = {
        instrumentId,
        timeframe: '1m',
        openAtMs,
        open,
        high: Math.max(high, price),
        low: Math.min(low, price),
        close: price,
        volume: volume + 9,
      };
      bars.set(market, bar);
      await marketBus.publish('candle.updated', `${instrumentId}:1m`, bar);
    }
    state.status = { ...state.status, atMs: nowMs };
    moving = false;
  };
}

async function speak({ publish }: ExampleDesk, market: MarketId, sign: number): Promise<void> {
  for (const [agent, score] of [
    ['meridian', 4],
    ['luma', 46 * sign],
    ['vanta', 72 * sign],
  ] as const)
    await publish({ type: 'opinion.published', key: market, payload: exampleOpinion(agent, market, score) });
}

const turn = (index: number, agent: string, confidence: number, part: Partial<Turn> = {}): Turn => ({
  index,
  agent,
  direction: 'long',
  confidence,
  keyLevels: [],
  reasoning: `Structure and flow agree; I stay long with ${Math.round(confidence * 100)} % while 3,588 holds.`,
  evidence: [],
  source: 'rules',
  ...part,
});

/** A round that stood aside, one that published a plan after a handoff, and one in session. */
async function debate({ publish }: ExampleDesk, market: MarketId): Promise<void> {
  const aside = exampleRound(market, exampleAtMs - 1_800_000);
  const plan = exampleRound(market, exampleAtMs - 900_000);
  const speakIn = (roundKey: string, spoken: Turn) =>
    publish({ type: 'turn.completed', key: market, payload: { roundKey, turn: spoken } });

  await publish({ type: 'round.opened', key: market, payload: aside });
  await speakIn(aside.key, turn(0, 'vanta', 0.61));
  await publish({
    type: 'round.concluded',
    key: market,
    payload: { round: aside, outcome: 'stood-aside', reason: 'too-few-votes' },
  });

  await publish({ type: 'round.opened', key: market, payload: plan });
  await speakIn(plan.key, turn(0, 'vanta', 0.75));
  const handoff = {
    to: 'meridian',
    kind: 'missing-evidence',
    reason: 'Is there a release before the target?',
  } as const;
  await speakIn(plan.key, turn(1, 'luma', 0.7, { handoff }));
  const abstains = { direction: 'neutral', reasoning: 'None within four hours; I abstain.' } as const;
  await speakIn(plan.key, turn(2, 'meridian', 0.58, abstains));
  const against = {
    role: 'devils-advocate',
    direction: 'short',
    reasoning: 'Funding is paid for what is crowded.',
  } as const;
  await speakIn(plan.key, turn(3, 'luma', 0.4, against));
  await publish({
    type: 'round.concluded',
    key: market,
    payload: {
      round: plan,
      outcome: 'published',
      recommendationId: `recommendation:${plan.key}`,
      degraded: [{ agent: 'meridian', code: 'model.timeout' }],
      consensus: {
        direction: 'long',
        base: 0.7267,
        disagreement: 0,
        confidence: 0.7267,
        missing: [],
        stale: ['meridian'],
        votes: [],
      },
    },
  });
  await publish({ type: 'round.opened', key: market, payload: exampleRound(market, exampleAtMs) });
}
