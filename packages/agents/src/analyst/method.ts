import type { AgentTrigger, OpinionRequest, Timeframe } from '@perpdesk/core';
import type { ModelAnswer, ModelAnswerSchema } from '../model/answer-schema.ts';
import type { Absence, AgentReading, Assessment } from './assessment.ts';

/** How one agent works: what it reads, how its rules judge it, what it asks a model. All agents have this shape. */
export interface AnalystMethod<Reading extends AgentReading = AgentReading, Answer extends ModelAnswer = ModelAnswer> {
  readonly name: string;
  readonly timeframe: Timeframe;
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  /** How many components its score has when all data is there. */
  readonly components: number;
  /** Reads and computes features as of the clock. May give a reading again while nothing that it is made of has changed. */
  read(request: OpinionRequest): Reading | Absence;
  /** The rule-based analyst: a pure function, asked once of each reading. */
  judge(reading: Reading): Assessment;
  /** What a model is told; raise `promptVersion` with every change of it or of the schema. */
  readonly promptVersion: number;
  readonly systemPrompt: string;
  /** What a model is shown beside features and levels: foreign text, to be marked and capped. */
  untrusted?(reading: Reading): readonly string[];
  /** The answer's schema for the components that the rules could judge. */
  answerSchema(components: readonly string[]): ModelAnswerSchema<Answer>;
  /** What only this agent says, from a grounded answer; the rules' assessment is at hand for what code computes. */
  adopt(
    reading: Reading,
    answer: Answer,
    rules: Assessment,
    score: number,
  ): Pick<Assessment, 'details' | 'regime' | 'withheld' | 'asks'>;
}
