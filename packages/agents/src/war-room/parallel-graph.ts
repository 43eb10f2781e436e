import type { Turn } from '@perpdesk/core';
import type { DebateGraph, DebateRequest, Debater } from './debate.ts';
import type { Spoken } from './speak.ts';

/** Parallel debate as a LangGraph fan-out: all speak at once without hearing each other, and are merged once. */
export async function createParallelGraph(): Promise<DebateGraph> {
  const { Annotation, END, Send, START, StateGraph } = await import('@langchain/langgraph');
  const State = Annotation.Root({
    request: Annotation<DebateRequest>(),
    debater: Annotation<Debater>(),
    spoken: Annotation<readonly Spoken[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
    turns: Annotation<readonly Turn[]>(),
  });

  const graph = new StateGraph(State)
    .addNode('speak', async ({ request, debater }) => ({ spoken: [await request.speak(debater, [])] }))
    .addNode('merge', async ({ request, spoken }) => {
      const turns: Turn[] = [];
      for (const { agent } of request.debaters) {
        const words = spoken.find((word) => word.turn.agent === agent.name);
        if (words === undefined) continue;
        const placed: Spoken = { ...words, turn: { ...words.turn, index: turns.length } };
        turns.push(placed.turn);
        await request.onTurn(placed);
      }
      return { turns };
    })
    .addConditionalEdges(
      START,
      ({ request }) => request.debaters.map((debater) => new Send('speak', { request, debater })),
      ['speak'],
    )
    .addEdge('speak', 'merge')
    .addEdge('merge', END)
    .compile();

  return {
    mode: 'graph',
    hold: async (request) => (request.debaters.length === 0 ? [] : (await graph.invoke({ request })).turns),
  };
}
