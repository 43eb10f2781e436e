import {
  type AgentCallOptions,
  ModelError,
  type Opinion,
  type OpinionRequest,
  type SensingAgent,
  SimulatedClock,
  StoreError,
} from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ScriptedModel } from '../model/scripted-model.ts';
import { closedCandle, exampleBus, publishClose, published } from '../testing/desk.ts';
import { exampleCandles, exampleInstrument, exampleMarket, exampleRelease, startAtMs } from '../testing/market.ts';
import { Vanta } from '../vanta/agent.ts';
import { AgentService, type AgentServiceOptions } from './agent-service.ts';

const atMs = startAtMs + 14 * 86_400_000;
const btc = exampleInstrument();
const eth = exampleInstrument('ETH-PERP');
const elsewhere = exampleInstrument('BTC-PERP', 'binance');

const opinionOf = ({ market, instrumentId, atMs: at }: OpinionRequest, change: Partial<Opinion> = {}): Opinion => ({
  id: `opinion:fake:${market}:${at}`,
  agent: 'fake',
  market,
  instrumentId,
  timeframe: '15m',
  atMs: at,
  refreshMs: 900_000,
  direction: 'long',
  score: 50,
  confidence: 0.7,
  completeness: 1,
  source: 'rules',
  keyLevels: [],
  evidence: [],
  reasoning: 'Because.',
  details: {},
  ...change,
});

type Opine = (request: OpinionRequest, options?: AgentCallOptions) => Promise<Opinion | undefined>;
const fake = (
  opine: Opine,
  triggers: SensingAgent['triggers'] = [{ kind: 'candle-close', timeframe: '15m' }],
): SensingAgent => ({
  name: 'fake',
  weight: 1,
  triggers,
  refreshMs: 900_000,
  opine,
  debate: () => Promise.reject(new Error('not asked')),
});

/** A simulated clock that moves while work is in flight, as a real one does: what deadlines need. */
class RunningClock extends SimulatedClock {
  override hold() {
    return () => {};
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function run(
  agent: SensingAgent,
  options: Partial<AgentServiceOptions> = {},
  clock = new SimulatedClock({ startAtMs: atMs }),
) {
  const marketView = new StaticMarketView({ clock, instruments: [btc, eth, elsewhere] });
  const bus = exampleBus(clock);
  const service = new AgentService({ agent, marketView, eventBus: bus, clock, ...options });
  await service.start();
  stops.push(() => service.stop());
  const types = ['opinion.published', 'agent.abstained', 'agent.failed'] as const;
  return { bus, clock, service, answers: () => published(bus, ...types) };
}

describe('AgentService', () => {
  it('default: an opinion at the close of a reference instrument, with the trace of the candle', async () => {
    const { bus, clock, answers } = await run(fake(async (request) => opinionOf(request)));
    const candle = await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.idle();
    expect(await answers()).toMatchObject([
      {
        id: `opinion:fake:BTC-PERP:${atMs}`,
        type: 'opinion.published',
        key: 'BTC-PERP',
        traceId: candle.traceId,
        causationId: candle.id,
        payload: { agent: 'fake', market: 'BTC-PERP', instrumentId: btc.id, atMs },
      },
    ]);
  });

  it('behavior: other timeframes, other venues, markets it is not for and closes of long ago are no triggers', async () => {
    const { bus, clock, answers } = await run(
      fake(async (request) => opinionOf(request)),
      { markets: ['BTC-PERP'] },
    );
    await publishClose(bus, closedCandle(btc.id, '5m', atMs));
    await publishClose(bus, closedCandle(elsewhere.id, '15m', atMs));
    await publishClose(bus, closedCandle(eth.id, '15m', atMs));
    await publishClose(bus, closedCandle(btc.id, '15m', atMs - 900_000));
    await clock.idle();
    expect(await answers()).toEqual([]);
  });

  it('behavior: a macro release asks about every market', async () => {
    const { bus, clock, answers } = await run(fake(async (request) => opinionOf(request), [{ kind: 'macro-release' }]));
    const release = exampleRelease('growth', 1, atMs - 5_000);
    await bus.publish({ type: 'macro.released', key: release.event.series, payload: release });
    await clock.idle();
    expect((await answers()).map(({ key, id }) => [key, id])).toEqual([
      ['BTC-PERP', `opinion:fake:BTC-PERP:${atMs - 5_000}`],
      ['ETH-PERP', `opinion:fake:ETH-PERP:${atMs - 5_000}`],
    ]);
  });

  it('behavior: an agent without an opinion abstains with its reason', async () => {
    const { bus, clock, answers, service } = await run(
      fake(async (_, options) => {
        options?.onReport?.({ kind: 'abstained', reason: 'insufficient-history' });
        return undefined;
      }),
    );
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.idle();
    expect(await answers()).toMatchObject([
      { type: 'agent.abstained', payload: { agent: 'fake', market: 'BTC-PERP', atMs, reason: 'insufficient-history' } },
    ]);
    expect(service.health().status).toBe('healthy');
  });

  it('behavior: a model that fails is told, then the rules speak', async () => {
    const { view, clock } = exampleMarket(atMs, { candles: exampleCandles() });
    const model = new ScriptedModel({
      answer: () => {
        throw new ModelError('model.refused', 'The model refused to answer.');
      },
    });
    const { bus, answers, service } = await run(new Vanta({ marketView: view, clock, model }), {}, clock);
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.idle();
    expect(await answers()).toMatchObject([
      { type: 'agent.failed', payload: { agent: 'vanta', code: 'model.refused', fellBack: true } },
      { type: 'opinion.published', payload: { source: 'rules' } },
    ]);
    expect(service.health()).toMatchObject({ status: 'degraded' });
  });

  it.each<[string, Opine, string]>([
    ['throws', () => Promise.reject(new Error('oops')), 'agent.threw'],
    [
      'throws before it promises',
      () => {
        throw new Error('oops');
      },
      'agent.threw',
    ],
    ['answers NaN', async (request) => opinionOf(request, { score: Number.NaN }), 'agent.invalid-opinion'],
    ['answers for another', async (request) => opinionOf(request, { market: 'ETH-PERP' }), 'agent.invalid-opinion'],
  ])('error: an agent that %s is missing, and nothing else stops', async (_, opine, code) => {
    const { bus, clock, answers } = await run(fake(opine));
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.idle();
    expect(await answers()).toMatchObject([
      { type: 'agent.failed', payload: { agent: 'fake', market: 'BTC-PERP', code, fellBack: false } },
      { type: 'agent.abstained', payload: { atMs, reason: code } },
    ]);
    expect(await bus.deadLetters()).toEqual([]);
  });

  it('error: an agent that hangs is told to stop at its deadline and given up a second later', async () => {
    const clock = new RunningClock({ startAtMs: atMs });
    let aborted = false;
    const hang: Opine = (_, options) => {
      options?.signal?.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => {});
    };
    const { bus, answers } = await run(fake(hang), {}, clock);
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.advanceBy(12_000);
    expect([aborted, (await answers()).length]).toEqual([true, 0]);
    await clock.advanceBy(1_000);
    expect(await answers()).toMatchObject([
      { type: 'agent.failed', payload: { code: 'agent.timeout', fellBack: false } },
      { type: 'agent.abstained', payload: { reason: 'agent.timeout' } },
    ]);
  });

  it('behavior: at most so many opinions are made at once', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const agent = fake((request) => {
      most = Math.max(most, waiting.length + 1);
      return new Promise((resolve) => waiting.push(() => resolve(opinionOf(request))));
    });
    const clock = new RunningClock({ startAtMs: atMs });
    const instruments = Array.from({ length: 9 }, (_, i) => exampleInstrument(`M${i}-PERP`));
    const marketView = new StaticMarketView({ clock, instruments });
    const { bus, answers } = await run(agent, { marketView, maxConcurrent: 3 }, clock);
    for (const { id } of instruments) await publishClose(bus, closedCandle(id, '15m', atMs));
    while ((await answers()).length < 9) {
      waiting.shift()?.();
      await clock.idle();
    }
    expect(most).toBe(3);
  });

  it('error: a bus that can not keep the opinion makes the handler throw, so that it is tried again', async () => {
    const clock = new SimulatedClock({ startAtMs: atMs });
    const { bus, answers } = await run(
      fake(async (request) => opinionOf(request)),
      {},
      clock,
    );
    const publish = bus.publish.bind(bus);
    vi.spyOn(bus, 'publish')
      .mockImplementationOnce(publish)
      .mockRejectedValueOnce(new StoreError('store.full', 'Full.'));
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.advanceBy(1_000);
    expect(await answers()).toHaveLength(1);
  });

  it('behavior: stopped, it answers no more', async () => {
    const { bus, clock, answers, service } = await run(fake(async (request) => opinionOf(request)));
    expect([service.name, service.health().status]).toEqual(['agent.fake', 'healthy']);
    await service.stop();
    await publishClose(bus, closedCandle(btc.id, '15m', atMs));
    await clock.idle();
    expect(await answers()).toEqual([]);
    expect(service.health().status).toBe('stopped');
  });
});
