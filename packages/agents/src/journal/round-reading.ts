import {
  type DecisionInputs,
  instrumentSchema,
  type Opinion,
  opinionSchema,
  type Round,
  roundSchema,
  StoreError,
} from '@perpdesk/core';
import * as z from 'zod';
import type { ConsensusRules } from '../consensus/reach-consensus.ts';
import { jsonOf } from '../model/call/json-of.ts';
import type { DebateLimits } from '../war-room/debate.ts';
import type { MarketReading } from '../war-room/end-debate.ts';
import type { RoundTable } from '../war-room/round-table.ts';
import type { Spoken } from '../war-room/speak.ts';

const failureSchema = z.object({ index: z.int().nonnegative(), code: z.string(), message: z.string() });

/** All that a round is reckoned from, beside what its turns and its plan are made of. */
export const roundReadingSchema = z.object({
  round: roundSchema,
  /** The panel in speaking order: weights, and the records that their calibration factors come from. */
  seats: z.array(
    z.object({
      agent: z.string(),
      weight: z.number(),
      record: z.object({ scored: z.number(), skill: z.number(), hitRate: z.number() }).exactOptional(),
    }),
  ),
  /** The opinions it was held on. */
  opinions: z.array(opinionSchema),
  rules: z.record(z.string(), z.number()),
  limits: z.object({ maxTurns: z.number(), agentDeadlineMs: z.number(), roundDeadlineMs: z.number() }),
  market: z.object({
    instrument: instrumentSchema,
    price: z.number(),
    volatility: z.object({ atr: z.number(), atrMedian: z.number() }),
  }),
  /** Turns that an agent did not take itself. */
  failures: z.array(failureSchema),
  /** True where agents had no opinion for want of history, which is then the reason that is told. */
  young: z.boolean().exactOptional(),
});
export type RoundReading = z.infer<typeof roundReadingSchema> & { readonly rules: ConsensusRules };

/** What a round is held on. */
export interface HeldRound {
  readonly round: Round;
  readonly table: RoundTable;
  readonly spoken: readonly Spoken[];
  readonly market: MarketReading;
  readonly rules: ConsensusRules;
  readonly limits: DebateLimits;
}

/** A round's inputs, as they are told to a journal. */
export function roundInputs({ round, table, spoken, market, rules, limits }: HeldRound): DecisionInputs {
  const opinions: readonly Opinion[] = table.debaters.map(({ opinion }) => opinion);
  const failures = spoken.flatMap(({ turn, failure }) =>
    failure === undefined ? [] : [{ index: turn.index, ...failure }],
  );
  const reading = { round, seats: table.seats, opinions, rules, limits, market, failures };
  return { method: { name: 'war-room' }, reading: jsonOf(reading) };
}

/** The inputs of a round that ended before it began: nothing could be read. */
export const absentRound = (reason: string): DecisionInputs => ({ method: { name: 'war-room' }, absent: reason });

/** The inputs of a round that is told to lack history. */
export const youngRound = (inputs: DecisionInputs): DecisionInputs =>
  inputs.reading === undefined ? inputs : { ...inputs, reading: { ...Object(inputs.reading), young: true } };

/** @throws StoreError `decision.journal` for what is no round. */
export function readRound({ reading }: DecisionInputs): RoundReading {
  const parsed = roundReadingSchema.safeParse(reading);
  if (!parsed.success)
    throw new StoreError(
      'decision.journal',
      `What is recorded of a round can not be read at "${parsed.error.issues[0]?.path.join('.') ?? ''}".`,
    );
  return parsed.data as RoundReading;
}
