import type { Opinion } from '@perpdesk/core';
import { type Checkpointer, requestOf, roundThreads } from './checkpointed-debate.ts';
import type { Debate, DebateGraph, DebateRequest } from './debate.ts';
import type { Spoken } from './speak.ts';

/**
 * Parallel debate: all speak at once without hearing each other, and are merged once; then the devil's advocate, where there is one. With a
 * checkpointer it is a LangGraph fan-out whose state is kept under the round's key; without one the same turns are taken directly, see
 * decision 0018.
 */
export async function createParallelGraph({
  checkpointer,
}: {
  readonly checkpointer?: Checkpointer;
} = {}): Promise<DebateGraph> {
  if (checkpointer === undefined) return { mode: 'graph', begin: async () => direct };
  const { Annotation, END, Send, START, StateGraph } = await import('@langchain/langgraph');
  // Agents and callbacks go by the configuration, which is not kept: the state is all JSON.
  const State = Annotation.Root({
    opinions: Annotation<readonly Opinion[]>(),
    speaker: Annotation<string>(),
    words: Annotation<readonly Spoken[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
    spoken: Annotation<readonly Spoken[]>(),
  });

  const graph = new StateGraph(State)
    .addNode('speak', async ({ speaker }, config) => {
      const request = requestOf(config);
      const index = request.debaters.findIndex(({ agent }) => agent.name === speaker);
      const debater = request.debaters[index];
      return { words: debater === undefined ? [] : [await request.speak(debater, [], { index })] };
    })
    // One step, which may be taken twice: what was told before stands.
    .addNode('merge', async ({ words }, config) => ({ spoken: await conclude(requestOf(config), words) }))
    .addConditionalEdges(
      START,
      (_, config) =>
        requestOf(config)
          .debaters.slice(0, requestOf(config).maxTurns)
          .map(({ agent }) => new Send('speak', { speaker: agent.name })),
      ['speak'],
    )
    .addEdge('speak', 'merge')
    .addEdge('merge', END)
    .compile({ checkpointer });

  return roundThreads({
    mode: 'graph',
    graph,
    input: ({ debaters }) => ({ opinions: debaters.map(({ opinion }) => opinion) }),
    recursionLimit: () => 8,
  });
}

const direct: Debate = {
  hold: async (request) => {
    const debaters = request.debaters.slice(0, request.maxTurns);
    const words = await Promise.all(debaters.map((debater, index) => request.speak(debater, [], { index })));
    return conclude(request, words);
  },
};

async function conclude(request: DebateRequest, words: readonly Spoken[]): Promise<readonly Spoken[]> {
  const spoken = await merge(request, words);
  const against = await request.advocate(spoken);
  return against === undefined ? spoken : [...spoken, against];
}

/** The words in speaking order, each told of. Nobody heard anybody: a wish to hand off has come to nothing. */
async function merge(request: DebateRequest, words: readonly Spoken[]): Promise<readonly Spoken[]> {
  const spoken: Spoken[] = [];
  for (const { agent } of request.debaters) {
    const said = words.find(({ turn }) => turn.agent === agent.name);
    if (said === undefined) continue;
    const { handoff: _, ...turn } = said.turn;
    spoken.push(await request.onTurn({ ...said, turn: { ...turn, index: spoken.length } }));
  }
  return spoken;
}
