import * as z from 'zod';
import { commonAnswer, type ModelAnswerSchema } from '../model/answer-schema.ts';

/** The finer state of a market's structure. */
export const structureStateSchema = z.enum([
  'compression',
  'expansion',
  'trend',
  'mean-reversion',
  'volatility-spike',
  'transition',
]);
export type StructureState = z.infer<typeof structureStateSchema>;

const regime = z.enum(['trending', 'ranging', 'volatile', 'quiet', 'transitioning']);
const phase = z.enum(['accumulation', 'markup', 'distribution', 'markdown']);
const momentumAlignment = z.enum(['aligned', 'mixed', 'opposed']);
const volumeRead = z.enum(['confirming', 'diverging', 'thin', 'neutral']);
const outlook = z.enum(['higher', 'lower', 'unclear']);

/** What only Vanta says, in an opinion's `details`. */
export const vantaDetailsSchema = z.object({
  /** −25 to 25 each: trend, structure, momentum, volume. */
  components: z.record(z.string(), z.number()),
  structureState: structureStateSchema,
  phase: phase.exactOptional(),
  /** The last structural break of 15m, where it is young enough to count. */
  structuralBreak: z
    .object({
      kind: z.enum(['break-of-structure', 'change-of-character']),
      direction: z.enum(['up', 'down']),
      barsAgo: z.int().nonnegative(),
    })
    .exactOptional(),
  /** Momentum against the direction of the trend. */
  momentumAlignment,
  volumeRead,
  /** The next 15m candle. */
  outlook,
});
export type VantaDetails = z.infer<typeof vantaDetailsSchema>;

/** What a model answers as Vanta. */
export function vantaAnswerSchema(components: readonly string[]) {
  return z.object({
    ...commonAnswer(components),
    regime,
    structureState: structureStateSchema,
    momentumAlignment,
    volumeRead,
    outlook,
  }) satisfies ModelAnswerSchema;
}
export type VantaAnswer = z.infer<ReturnType<typeof vantaAnswerSchema>>;
