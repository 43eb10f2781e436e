import type { Opinion, WarRoomMode } from '@perpdesk/core';
import type { DebateGraph, DebateRequest } from './debate.ts';
import type { Spoken } from './speak.ts';

/** What LangGraph keeps the state of a graph with: `openCheckpoints` of `@perpdesk/agents/checkpoints`, or LangGraph's MemorySaver. */
export type Checkpointer = import('@langchain/langgraph').BaseCheckpointSaver;

interface RoundState {
  readonly opinions?: readonly Opinion[];
  readonly spoken?: readonly Spoken[];
}

/** A compiled graph of one mode, and how a round goes into it. */
export interface RoundGraph {
  readonly mode: WarRoomMode;
  readonly graph: {
    invoke(input: object | null, config: object): Promise<RoundState>;
    getState(config: object): Promise<{ readonly values: RoundState; readonly next: readonly string[] }>;
  };
  readonly input: (request: DebateRequest) => object;
  /** The most steps a debate can take. */
  readonly recursionLimit: (request: DebateRequest) => number;
}

/** The request a node works for: it goes by the configuration, since only JSON may be kept. */
export const requestOf = (config: { readonly configurable?: Record<string, unknown> }): DebateRequest =>
  config.configurable?.request as DebateRequest;

/** Debates over a graph, each a thread under its round's key, which is taken up where it was left. */
export function roundThreads(round: RoundGraph): DebateGraph {
  const { mode, graph } = round;
  return {
    mode,
    begin: async (roundKey) => {
      const thread = { thread_id: `round:${mode}:${roundKey}` };
      const { values, next } = await graph.getState({ configurable: thread });
      const { opinions, spoken } = values;
      return {
        ...(opinions === undefined ? {} : { opinions }),
        hold: async (request) => {
          if (request.debaters.length === 0) return [];
          if (opinions !== undefined && next.length === 0) return spoken ?? [];
          const ended = await graph.invoke(opinions === undefined ? round.input(request) : null, {
            configurable: { ...thread, request },
            recursionLimit: round.recursionLimit(request),
          });
          return ended.spoken ?? [];
        },
      };
    },
  };
}
