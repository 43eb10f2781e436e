import type { Instrument } from '@perpdesk/core';
import type { Riven } from '../riven/agent.ts';
import { degradationOf, type RoundOutcome } from './round-outcome.ts';
import type { RoundTable } from './round-table.ts';
import type { RunningRound } from './running-round.ts';
import type { Spoken } from './speak.ts';
import type { Volatility } from './volatility.ts';

/** What a plan is made for: the reference instrument as it stands. */
export interface MarketReading {
  readonly instrument: Instrument;
  /** Mid. */
  readonly price: number;
  readonly volatility: Volatility;
}

/** What a debate is ended with. */
export interface DebateEnd {
  readonly running: RunningRound;
  readonly table: RoundTable;
  /** All that was said, oldest first. */
  readonly spoken: readonly Spoken[];
  readonly market: MarketReading;
  readonly riven: Riven;
}

/** What comes of a debate: the consensus of the last words, and Riven's plan where it stands. */
export async function endDebate({ running, table, spoken, market, riven }: DebateEnd): Promise<RoundOutcome> {
  // Those of before a restart too, which nobody was told of here.
  for (const { agent, code } of spoken.flatMap(degradationOf)) running.degrade(agent, code);
  const turns = spoken.map(({ turn }) => turn);
  const consensus = table.consensus(turns);
  const { direction, standAside } = consensus;
  const ended = { consensus, turns, degraded: running.degraded };
  if (standAside !== undefined || direction === 'neutral')
    return { outcome: 'stood-aside', reason: standAside ?? 'too-few-votes', ...ended };
  const { words, challenge } = table.lastWords(turns);
  const { round } = running;
  const { instrument, price, volatility } = market;
  const request = {
    ...{ round, instrument, direction, consensus, turns: words, price, ...volatility },
    opinions: table.debaters.map((debater) => debater.opinion),
    ...(challenge === undefined ? {} : { challenge }),
  };
  const recommendation = await running.plan(riven, request, spoken.length);
  return recommendation === undefined
    ? { outcome: 'stood-aside', reason: 'geometry', ...ended }
    : { outcome: 'published', recommendation, ...ended };
}
