import type { ProposalStatus, ProposedAction, UserDeskState } from '@perpdesk/core';
import type { Checkpointer } from '../../war-room/checkpointed-debate.ts';
import type { ComposedAnswer } from '../answer/compose-answer.ts';
import type { ChatRoute } from '../route/chat-route.ts';

/** What came of putting an action to the user. */
export type Put =
  | { readonly outcome: 'waiting'; readonly proposalId: string; readonly text: string }
  /** Not proposed; `text` says why. */
  | { readonly outcome: 'refused'; readonly text: string };

/** How one question is worked on: by the configuration, since it is not kept. */
export interface ChatRun {
  readonly route: () => Promise<ChatRoute>;
  /** The state of the one who asks. */
  readonly own: () => Promise<UserDeskState>;
  readonly compose: (route: ChatRoute, mine: UserDeskState) => Promise<ComposedAnswer>;
  readonly propose: (action: ProposedAction) => Promise<Put>;
}

/** An answer, and the proposal that waits where it put one. */
export interface ChatReply {
  readonly answer: ComposedAnswer;
  readonly put?: Put;
}

/** The graph of a question: routed while the user's state is read, answered, proposed, and there it waits until the proposal is decided. */
export interface ChatGraph {
  /** Answers. Where an action was proposed the thread is kept and waits, else nothing of it is kept. */
  ask(threadId: string, run: ChatRun): Promise<ChatReply>;
  /** Goes on with a thread whose proposal was decided, to its end, and forgets it. Nothing happens where no thread waits. */
  resume(threadId: string, proposalId: string, status: ProposalStatus): Promise<void>;
}

const runOf = (config: { readonly configurable?: Record<string, unknown> }): ChatRun =>
  config.configurable?.run as ChatRun;

/**
 * Makes the graph. LangGraph is loaded only here. Its state is kept once, where it waits: no sooner, since a question that a crash broke off is
 * asked again by its user, and with nothing in it but the proposal, since what was read and said has its own place.
 */
export async function createChatGraph({
  checkpointer,
  act,
}: {
  readonly checkpointer: Checkpointer;
  /** Has an approved proposal done; asked twice it is done once. */
  readonly act: (proposalId: string) => Promise<unknown>;
}): Promise<ChatGraph> {
  const { Annotation, Command, END, interrupt, START, StateGraph } = await import('@langchain/langgraph');
  const State = Annotation.Root({
    route: Annotation<ChatRoute | null>(),
    mine: Annotation<UserDeskState | null>(),
    answer: Annotation<ComposedAnswer | null>(),
    put: Annotation<Put | null>(),
    decision: Annotation<ProposalStatus | null>(),
  });

  const graph = new StateGraph(State)
    .addNode('router', async (_, config) => ({ route: await runOf(config).route() }))
    .addNode('gather', async (_, config) => ({ mine: await runOf(config).own() }))
    .addNode('compose', async ({ route, mine }, config) => {
      if (route === null || mine === null) throw new Error('An answer needs the route and the state.');
      return { answer: await runOf(config).compose(route, mine), mine: null, route: null };
    })
    .addNode('propose', async ({ answer }, config) => {
      const action = answer?.draft;
      return { answer: null, ...(action === undefined ? {} : { put: await runOf(config).propose(action) }) };
    })
    // It runs again from its top when it is resumed: nothing is done before the interrupt.
    .addNode('wait', ({ put }) => {
      const proposalId = put?.outcome === 'waiting' ? put.proposalId : '';
      const decision: ProposalStatus = interrupt({ proposalId });
      return { decision };
    })
    .addNode('act', async ({ put }) => {
      if (put?.outcome === 'waiting') await act(put.proposalId);
      return {};
    })
    .addEdge(START, 'router')
    .addEdge(START, 'gather')
    .addEdge(['router', 'gather'], 'compose')
    .addConditionalEdges('compose', ({ answer }) => (answer?.draft === undefined ? END : 'propose'))
    .addConditionalEdges('propose', ({ put }) => (put?.outcome === 'waiting' ? 'wait' : END))
    .addConditionalEdges('wait', ({ decision }) => (decision === 'approved' ? 'act' : END))
    .addEdge('act', END)
    .compile({ checkpointer });

  return {
    ask: async (threadId, run) => {
      let answer: ComposedAnswer | undefined;
      const compose: ChatRun['compose'] = async (...given) => {
        answer = await run.compose(...given);
        return answer;
      };
      let put: Put | undefined;
      try {
        const config = { configurable: { thread_id: threadId, run: { ...run, compose } }, durability: 'exit' as const };
        put = (await graph.invoke({}, config)).put ?? undefined;
      } finally {
        if (put?.outcome !== 'waiting') await checkpointer.deleteThread(threadId);
      }
      if (answer === undefined) throw new Error('The graph of a question ended without an answer.');
      return { answer, ...(put === undefined ? {} : { put }) };
    },
    resume: async (threadId, proposalId, status) => {
      const config = { configurable: { thread_id: threadId } };
      const { next, values } = await graph.getState(config);
      const put: Put | null | undefined = values.put;
      if (next.length > 0 && put?.outcome === 'waiting' && put.proposalId === proposalId)
        await graph.invoke(next.includes('wait') ? new Command({ resume: status }) : null, config);
      await checkpointer.deleteThread(threadId);
    },
  };
}
