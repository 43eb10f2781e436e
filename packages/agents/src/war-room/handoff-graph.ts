import type { Turn } from '@perpdesk/core';
import type { DebateGraph, DebateRequest } from './debate.ts';

/**
 * Sequential debate as a LangGraph graph with one node that loops: each agent in the panel's order speaks once, hearing all
 * before it, and may hand off to one who is present for another word. A hand-off is followed only while everybody can
 * still have a turn within the bound.
 */
export async function createHandoffGraph(): Promise<DebateGraph> {
  const { Annotation, END, START, StateGraph } = await import('@langchain/langgraph');
  const State = Annotation.Root({
    request: Annotation<DebateRequest>(),
    /** Who speaks next, by name. */
    queue: Annotation<readonly string[]>(),
    turns: Annotation<readonly Turn[]>(),
  });

  const graph = new StateGraph(State)
    .addNode('speak', async ({ request, queue, turns }) => {
      const [name, ...rest] = queue;
      const debater = request.debaters.find((candidate) => candidate.agent.name === name);
      if (debater === undefined) return { queue: rest };
      const spoken = await request.speak(debater, turns);
      await request.onTurn(spoken);
      const said = [...turns, spoken.turn];
      const to = spoken.turn.handoff?.to;
      const present = request.debaters.some((candidate) => candidate.agent.name === to);
      if (to === undefined || to === name || !present) return { turns: said, queue: rest };
      const redirected = [to, ...rest.filter((other) => other !== to)];
      return { turns: said, queue: said.length + redirected.length <= request.maxTurns ? redirected : rest };
    })
    .addEdge(START, 'speak')
    .addConditionalEdges('speak', ({ request, queue, turns }) =>
      queue.length === 0 || turns.length >= request.maxTurns ? END : 'speak',
    )
    .compile();

  return {
    mode: 'handoff',
    hold: async (request) => {
      const queue = request.debaters.map((debater) => debater.agent.name).slice(0, request.maxTurns);
      if (queue.length === 0) return [];
      const state = await graph.invoke(
        { request, queue, turns: [] },
        { recursionLimit: request.maxTurns + queue.length + 2 },
      );
      return state.turns;
    },
  };
}
