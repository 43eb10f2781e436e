import type {
  Consensus,
  DecisionInputs,
  DecisionRecordKind,
  Degradation,
  Recommendation,
  StandAsideReason,
  Turn,
} from '@perpdesk/core';
import type { Spoken } from './speak.ts';

/** How a round ended, what was said in it, and who could not work as meant. */
export type RoundOutcome = {
  readonly turns: readonly Turn[];
  /** Empty where every agent, and Riven, worked as meant. */
  readonly degraded: readonly Degradation[];
} & (
  | { readonly outcome: 'published'; readonly recommendation: Recommendation; readonly consensus: Consensus }
  | { readonly outcome: 'stood-aside'; readonly reason: StandAsideReason; readonly consensus?: Consensus }
);

/** What a turn (by its place), the plan or the round is made of. */
export interface RoundInputs {
  readonly kind: Extract<DecisionRecordKind, 'turn' | 'plan' | 'round'>;
  readonly agent: string;
  readonly index?: number;
  readonly inputs: DecisionInputs;
}

/** Options of holding a round. */
export interface HoldOptions {
  /**
   * Told of each turn as it is made, with what went wrong where something did. Resolves with the turn as it was kept, where that may
   * be another one: of a round that is taken up again. What it throws ends the round.
   */
  readonly onTurn?: (spoken: Spoken) => Promise<Spoken | undefined> | Spoken | undefined | void;
  /** Told what an agent is saying while its model writes it, for eyes alone. */
  readonly onDraft?: (draft: { readonly agent: string; readonly index: number; readonly text: string }) => void;
  /** What questions to models are filed under, beside the round's key. */
  readonly traceId?: string;
  /** Told what each turn, the plan and the round itself are made of, for a journal. */
  readonly onInputs?: (told: RoundInputs) => void;
  /** Gives the round up: models are told to stop, nobody is asked any more, and `hold` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What went wrong with a turn, as it is told of a round. */
export function degradationOf({ turn, failure, fellBack }: Spoken): readonly Degradation[] {
  const cause = failure ?? fellBack;
  return cause === undefined ? [] : [{ agent: turn.agent, code: cause.code }];
}
