import type { InstrumentId, MarketId } from '../domain/instrument.ts';
import type { Opinion, TradeDirection } from '../domain/opinion.ts';
import type { Turn } from '../domain/round.ts';
import type { Timeframe } from '../domain/timeframe.ts';
import type { DecisionInputs } from './decision-journal.ts';
import type { LanguageModel, ModelCallContext } from './language-model.ts';

/** When an agent forms a view. */
export type AgentTrigger =
  | { readonly kind: 'candle-close'; readonly timeframe: Timeframe }
  | { readonly kind: 'macro-release' };

/** What an agent is asked about. */
export interface OpinionRequest {
  readonly market: MarketId;
  /** The market's reference instrument. */
  readonly instrumentId: InstrumentId;
  /** The close (or release) that asks. Data is read as of the clock, which stands here or later. */
  readonly atMs: number;
  /** How long the agent has from when it is asked; it then falls back to its rules. */
  readonly deadlineMs: number;
}

/** The word of an agent in a debate: its present view in the light of what was said before. */
export interface TurnRequest extends OpinionRequest {
  readonly opinion: Opinion;
  /** Turns so far, oldest first. */
  readonly transcript: readonly Turn[];
  /**
   * Set for the devil's advocate: the side against which it is to judge as sceptically as its data allows. Its answer is no vote;
   * an agent that ignores this answers as in any turn.
   */
  readonly advocateAgainst?: TradeDirection;
}

/** What an agent tells its caller about one answer, beside the answer. */
export type AgentReport =
  /** Why it has no opinion: a short stable code such as `insufficient-history`. */
  | { readonly kind: 'abstained'; readonly reason: string }
  /** Its model could not be used and the rules answered: the error's code and message. */
  | { readonly kind: 'fell-back'; readonly code: string; readonly message: string };

/** Options of an agent's answers. */
export interface AgentCallOptions {
  readonly signal?: AbortSignal;
  /** Called while the answer is made, at most once a kind. Agents without reports ignore it. */
  readonly onReport?: (report: AgentReport) => void;
  /** What questions to models are filed under. Agents without a model ignore it. */
  readonly context?: ModelCallContext;
  /** Called with the words as a model writes them, for eyes alone: all that was said so far, unchecked. */
  readonly onDraft?: (text: string) => void;
  /** Called once with all that the answer was made of, before it is given. Agents that can not be replayed ignore it. */
  readonly onInputs?: (inputs: DecisionInputs) => void;
}

/**
 * An agent that senses a market and joins debates. It reads through the data ports it was given and shares no state with
 * others. It never throws for want of data or of a model: without any of its data it has no opinion.
 */
export interface SensingAgent {
  readonly name: string;
  /** Its weight in the consensus before calibration; all are normalised. */
  readonly weight: number;
  readonly triggers: readonly AgentTrigger[];
  /** The usual time between two opinions. */
  readonly refreshMs: number;
  /** Its view, or undefined when it has none of its data. */
  opine(request: OpinionRequest, options?: AgentCallOptions): Promise<Opinion | undefined>;
  /** Its turn in a debate. */
  debate(request: TurnRequest, options?: AgentCallOptions): Promise<Turn>;
  /**
   * This agent, as set up now, on what was recorded of a word of its: it reads no data port, and asks `model` where it is given one. Absent:
   * it can not be replayed.
   */
  replay?(inputs: DecisionInputs, model?: LanguageModel): Pick<SensingAgent, 'opine' | 'debate'>;
}
