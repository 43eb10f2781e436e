import { type DomainEventMap, type Guidance, instrumentSchema, SimulatedClock, userSchema } from '@perpdesk/core';
import * as z from 'zod';
import { type GuidanceReading, guidanceInputs, modelGuidance, ruledGuidance } from '../koda/guidance.ts';
import { differencesBetween } from './difference.ts';
import { recordedAnswer } from './recorded-answer.ts';
import { type ReplayedStep, replayStep } from './replay-findings.ts';
import { inputsOf, type ReplaySources } from './replay-sources.ts';

const readingSchema = z.object({
  settings: userSchema.pick({ tier: true, entryPreference: true, aggression: true }),
  atMs: z.number(),
  conditions: z.object({
    mid: z.number().exactOptional(),
    spread: z.number().exactOptional(),
    atr: z.number().exactOptional(),
    turnover: z.number().exactOptional(),
  }),
  instrument: instrumentSchema.exactOptional(),
});

/** Koda's guidance from what it was made of. */
export async function replayGuidance(
  sources: ReplaySources,
  { signal, guidance }: DomainEventMap['guidance.published'],
): Promise<ReplayedStep<Guidance>> {
  const subject = `guidance:${signal.id}`;
  return replayStep(
    subject,
    await inputsOf(sources, subject),
    (result) => differencesBetween(guidance, result).length === 0,
    async (inputs, findings) => {
      const reading: GuidanceReading = readingSchema.parse(inputs.reading);
      findings.compare(inputs, guidanceInputs(reading));
      const model = recordedAnswer(inputs, sources.modelJournal, (reason) => findings.miss(reason));
      return model === undefined
        ? ruledGuidance(signal, reading)
        : modelGuidance(signal, reading, { model, clock: new SimulatedClock() });
    },
  );
}
