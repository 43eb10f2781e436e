import type { Opinion, Turn } from '@perpdesk/core';
import { type Checkpointer, requestOf, roundThreads } from './checkpointed-debate.ts';
import { chooseHandoff } from './choose-handoff.ts';
import type { Debate, DebateGraph, DebateRequest } from './debate.ts';
import type { Spoken } from './speak.ts';

/**
 * Sequential debate: each agent in the panel's order speaks once, hearing all before it, and the word may go to one who has spoken for
 * another turn (see {@link chooseHandoff}); then the devil's advocate, where there is one. With a checkpointer it is a LangGraph graph with one
 * node that loops, whose state is kept after every turn under the round's key; without one the same turns are taken directly, see decision
 * 0018.
 */
export async function createHandoffGraph({
  checkpointer,
}: {
  readonly checkpointer?: Checkpointer;
} = {}): Promise<DebateGraph> {
  if (checkpointer === undefined) return { mode: 'handoff', begin: async () => direct };
  const { Annotation, END, START, StateGraph } = await import('@langchain/langgraph');
  // Agents and callbacks go by the configuration, which is not kept: the state is all JSON.
  const State = Annotation.Root({
    opinions: Annotation<readonly Opinion[]>(),
    queue: Annotation<readonly string[]>(),
    spoken: Annotation<readonly Spoken[]>(),
  });

  const graph = new StateGraph(State)
    .addNode('speak', (debated, config) => takeTurn(requestOf(config), debated))
    .addNode('advocate', async ({ spoken }, config) => {
      const words = await requestOf(config).advocate(spoken);
      return words === undefined ? {} : { spoken: [...spoken, words] };
    })
    .addEdge(START, 'speak')
    .addConditionalEdges('speak', (debated, config) => (isOver(requestOf(config), debated) ? 'advocate' : 'speak'))
    .addEdge('advocate', END)
    .compile({ checkpointer });

  return roundThreads({
    mode: 'handoff',
    graph,
    input: (request) => ({ opinions: request.debaters.map(({ opinion }) => opinion), ...begun(request) }),
    // Every step says a word or takes an absent one out of the queue.
    recursionLimit: ({ debaters, maxTurns }) => maxTurns + debaters.length + 4,
  });
}

/** How far a debate is. */
interface Debated {
  /** Who speaks next, by name. */
  readonly queue: readonly string[];
  readonly spoken: readonly Spoken[];
}

const begun = ({ debaters, maxTurns }: DebateRequest): Debated => ({
  queue: debaters.map(({ agent }) => agent.name).slice(0, maxTurns),
  spoken: [],
});

const isOver = ({ maxTurns }: DebateRequest, { queue, spoken }: Debated): boolean =>
  queue.length === 0 || spoken.length >= maxTurns;

const direct: Debate = {
  hold: async (request) => {
    let debated = begun(request);
    while (!isOver(request, debated)) debated = await takeTurn(request, debated);
    const against = await request.advocate(debated.spoken);
    return against === undefined ? debated.spoken : [...debated.spoken, against];
  },
};

/** The next turn, and to whom the word goes after it. */
async function takeTurn(request: DebateRequest, { queue, spoken }: Debated): Promise<Debated> {
  const [name, ...rest] = queue;
  const { debaters, maxTurns } = request;
  const debater = debaters.find((candidate) => candidate.agent.name === name);
  if (debater === undefined) return { queue: rest, spoken };
  const turns = spoken.map(({ turn }) => turn);
  const words = await request.speak(debater, turns, { index: turns.length });
  const handoff = chooseHandoff({ turn: words.turn, spoken, debaters, queue: rest, maxTurns });
  const told = await request.onTurn({ ...words, turn: withHandoff(words.turn, handoff) });
  const to = told.turn.handoff?.to;
  return {
    spoken: [...spoken, told],
    queue: to === undefined ? rest : [to, ...rest.filter((other) => other !== to)],
  };
}

function withHandoff(turn: Turn, handoff: Turn['handoff'] | undefined): Turn {
  const { handoff: _, ...rest } = turn;
  return handoff === undefined ? rest : { ...rest, handoff };
}
