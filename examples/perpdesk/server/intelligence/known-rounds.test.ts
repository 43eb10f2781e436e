import { type DomainEventMap, MemoryEventBus, type NewDomainEvent, SimulatedClock } from '@perpdesk/core';
import { testIds } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleAtMs, exampleOpinion, exampleRound } from '../http/testing/example-data.ts';
import { KnownRounds } from './known-rounds.ts';

const told = () => {
  const clock = new SimulatedClock({ startAtMs: exampleAtMs });
  const eventBus = new MemoryEventBus({ clock, ids: testIds() });
  const say = async <Type extends keyof DomainEventMap>(type: Type, payload: DomainEventMap[Type]) => {
    await eventBus.publish({ type, key: 'BTC-PERP', payload } as NewDomainEvent);
    await clock.idle();
  };
  const opine = (agent: string, score: number, atMs: number) =>
    say('opinion.published', { ...exampleOpinion(agent, 'BTC-PERP', score), id: `${agent}:${atMs}`, atMs });
  const conclude = async (closeAtMs: number): Promise<void> => {
    const round = exampleRound('BTC-PERP', closeAtMs);
    const turn = { agent: 'vanta', direction: 'long' as const, confidence: 0.7, keyLevels: [], evidence: [] };
    for (const index of [0, 1])
      await say('turn.completed', {
        roundKey: round.key,
        turn: { ...turn, index, reasoning: 'Up.', source: 'rules' },
      });
    await say('round.concluded', { round, outcome: 'stood-aside', reason: 'tie' });
  };
  return { clock, eventBus, say, opine, conclude };
};

describe('what the desk said of late', () => {
  it('default: after a start it is read off the journal, then heard', async () => {
    const { eventBus, opine, conclude, clock } = told();
    await opine('vanta', 40, exampleAtMs);
    await conclude(exampleAtMs);
    const known = new KnownRounds({ eventBus });
    await known.start();
    await opine('vanta', 60, exampleAtMs + 1);
    await opine('luma', -30, exampleAtMs);
    await conclude(exampleAtMs + 900_000);
    await clock.idle();
    expect(known.opinions('BTC-PERP').map(({ agent, score }) => [agent, score])).toEqual([
      ['vanta', 60],
      ['luma', -30],
    ]);
    const rounds = known.rounds('BTC-PERP', 5);
    expect(rounds.map(({ round }) => round.closeAtMs - exampleAtMs)).toEqual([900_000, 0]);
    expect(rounds.map(({ turns }) => turns?.map(({ index }) => index))).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(known.rounds('BTC-PERP', 1)).toHaveLength(1);
    expect(known.rounds('ETH-PERP', 5)).toEqual([]);
    expect(known.health()).toEqual({ status: 'healthy' });
  });

  it('behavior: what is heard again or late changes nothing', async () => {
    const { eventBus, opine, conclude, clock } = told();
    // A group that goes on where it was hears again what the journal has told already.
    const before = new KnownRounds({ eventBus });
    await before.start();
    await before.stop();
    await opine('vanta', 60, exampleAtMs + 1);
    await conclude(exampleAtMs);
    const known = new KnownRounds({ eventBus });
    await known.start();
    await opine('vanta', 10, exampleAtMs);
    await conclude(exampleAtMs);
    await clock.idle();
    expect(known.rounds('BTC-PERP', 5)).toHaveLength(1);
    expect(known.opinions('BTC-PERP').map(({ score }) => score)).toEqual([60]);
  });

  it('behavior: it keeps the last 20 rounds of a market', async () => {
    const { eventBus, conclude } = told();
    const known = new KnownRounds({ eventBus });
    await known.start();
    for (let index = 0; index < 25; index += 1) await conclude(exampleAtMs + index * 900_000);
    const rounds = known.rounds('BTC-PERP', 100);
    expect(rounds).toHaveLength(20);
    expect(rounds[0]?.round.closeAtMs).toBe(exampleAtMs + 24 * 900_000);
  });
});
