import type { Turn } from '@perpdesk/core';
import type { DebateGraph, DebateRequest } from './debate.ts';
import type { Spoken } from './speak.ts';

/** What LangGraph keeps the state of a graph with. */
type Checkpointer = import('@langchain/langgraph').BaseCheckpointSaver;

/**
 * Parallel debate: all speak at once without hearing each other, and are merged once. With a checkpointer it is a LangGraph
 * fan-out whose state is kept under the round's key; without one the same turns are taken directly, see decision 0018.
 */
export async function createParallelGraph({
  checkpointer,
}: {
  readonly checkpointer?: Checkpointer;
} = {}): Promise<DebateGraph> {
  const hold = checkpointer === undefined ? holdDirectly : await checkpointedHold(checkpointer);
  return { mode: 'graph', hold: async (request) => (request.debaters.length === 0 ? [] : hold(request)) };
}

type Hold = (request: DebateRequest) => Promise<readonly Turn[]>;

const holdDirectly: Hold = async (request) =>
  merge(request, await Promise.all(request.debaters.map((debater) => request.speak(debater, []))));

async function checkpointedHold(checkpointer: Checkpointer): Promise<Hold> {
  const { Annotation, END, Send, START, StateGraph } = await import('@langchain/langgraph');
  // Agents and callbacks go by the configuration, which is not kept: the state is all JSON.
  const State = Annotation.Root({
    speaker: Annotation<string>(),
    spoken: Annotation<readonly Spoken[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
    turns: Annotation<readonly Turn[]>(),
  });
  const requestOf = (config: { readonly configurable?: Record<string, unknown> }): DebateRequest =>
    config.configurable?.request as DebateRequest;

  const graph = new StateGraph(State)
    .addNode('speak', async ({ speaker }, config) => {
      const request = requestOf(config);
      const debater = request.debaters.find(({ agent }) => agent.name === speaker);
      return { spoken: debater === undefined ? [] : [await request.speak(debater, [])] };
    })
    .addNode('merge', async ({ spoken }, config) => ({ turns: await merge(requestOf(config), spoken) }))
    .addConditionalEdges(
      START,
      (_, config) => requestOf(config).debaters.map(({ agent }) => new Send('speak', { speaker: agent.name })),
      ['speak'],
    )
    .addEdge('speak', 'merge')
    .addEdge('merge', END)
    .compile({ checkpointer });

  return async (request) => {
    const { turns } = await graph.invoke({}, { configurable: { thread_id: request.round.key, request } });
    return turns;
  };
}

/** The words in speaking order, each told of. */
async function merge(request: DebateRequest, spoken: readonly Spoken[]): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (const { agent } of request.debaters) {
    const words = spoken.find(({ turn }) => turn.agent === agent.name);
    if (words === undefined) continue;
    const placed: Spoken = { ...words, turn: { ...words.turn, index: turns.length } };
    turns.push(placed.turn);
    await request.onTurn(placed);
  }
  return turns;
}
