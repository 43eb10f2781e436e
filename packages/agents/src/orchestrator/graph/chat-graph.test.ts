import { MemorySaver } from '@langchain/langgraph';
import { SimulatedClock } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openCheckpoints } from '../../checkpoints/open-checkpoints.ts';
import { exampleMine } from '../../testing/chat-desk.ts';
import type { Checkpointer } from '../../war-room/checkpointed-debate.ts';
import type { ComposedAnswer } from '../answer/compose-answer.ts';
import { type ChatRun, createChatGraph } from './chat-graph.ts';

const thread = 'chat:ada:chat_1:msg_1';
const answer: ComposedAnswer = { text: 'Paused?', agents: ['orchestrator'], citations: [], source: 'rules' };

/** A run that tells what it was asked for. */
function told(change: Partial<ChatRun> = {}): { readonly log: string[]; readonly run: ChatRun } {
  const log: string[] = [];
  const run: ChatRun = {
    route: async () => {
      log.push('route');
      return { intent: 'act', agents: [], markets: [], by: 'rules' };
    },
    own: async () => {
      log.push('own');
      return exampleMine();
    },
    compose: async () => {
      log.push('compose');
      return { ...answer, draft: { kind: 'pause-entries' } };
    },
    propose: async ({ kind }) => {
      log.push(`propose ${kind}`);
      return { outcome: 'waiting', proposalId: 'prop_1', text: 'I propose.' };
    },
    ...change,
  };
  return { log, run };
}

const kinds = [
  { title: 'in memory', available: true, make: undefined },
  ...(await testDatabases()).filter(({ title }) => title !== 'SQLite in memory'),
];

describe.each(kinds)('createChatGraph with checkpoints $title', ({ available, make }) => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });
  const saver = async (): Promise<Checkpointer> => {
    if (make === undefined) return new MemorySaver();
    const test = await make();
    opened.push(test);
    return openCheckpoints({
      database: await test.open(),
      clock: new SimulatedClock(),
      retention: { threads: 'chat:' },
    });
  };
  const begin = async (checkpointer?: Checkpointer) => {
    const acted: string[] = [];
    const kept = checkpointer ?? (await saver());
    const graph = await createChatGraph({ checkpointer: kept, act: async (proposalId) => acted.push(proposalId) });
    return { graph, acted, kept };
  };
  const test = it.skipIf(!available);

  test('default: it stops before anything is done, and goes on to the act once it is approved, once', async () => {
    const { graph, acted, kept } = await begin();
    const { log, run } = told();
    const reply = await graph.ask(thread, run);
    expect(reply).toEqual({
      answer: { ...answer, draft: { kind: 'pause-entries' } },
      put: { outcome: 'waiting', proposalId: 'prop_1', text: 'I propose.' },
    });
    // The first two side by side.
    expect([log.slice(0, 2).sort(), ...log.slice(2)]).toEqual([['own', 'route'], 'compose', 'propose pause-entries']);
    expect(acted).toEqual([]);

    // A process later: another graph on the same checkpoints.
    const later = await begin(kept);
    await later.graph.resume(thread, 'prop_1', 'approved');
    expect([later.acted, log.length]).toEqual([['prop_1'], 4]);
    for (const again of [graph, later.graph]) await again.resume(thread, 'prop_1', 'approved');
    expect([acted, later.acted]).toEqual([[], ['prop_1']]);
    expect(await kept.getTuple({ configurable: { thread_id: thread } })).toBeUndefined();
  });

  test.each(['declined', 'expired', 'void'] as const)('behavior: %s it ends without an act', async (status) => {
    const { graph, acted, kept } = await begin();
    await graph.ask(thread, told().run);
    await graph.resume(thread, 'prop_1', status);
    expect(acted).toEqual([]);
    expect(await kept.getTuple({ configurable: { thread_id: thread } })).toBeUndefined();
  });

  test('behavior: the decision on another proposal acts on nothing', async () => {
    const { graph, acted } = await begin();
    await graph.ask(thread, told().run);
    await graph.resume(thread, 'prop_2', 'approved');
    await graph.resume('chat:bob:chat_1:msg_1', 'prop_1', 'approved');
    expect(acted).toEqual([]);
  });

  test('behavior: an act that failed is gone on with, without a second question', async () => {
    const kept = await saver();
    let isDown = true;
    const acted: string[] = [];
    const graph = await createChatGraph({
      checkpointer: kept,
      act: async (proposalId) => {
        if (isDown) throw new Error('down');
        acted.push(proposalId);
      },
    });
    await graph.ask(thread, told().run);
    await expect(graph.resume(thread, 'prop_1', 'approved')).rejects.toThrow('down');
    isDown = false;
    await graph.resume(thread, 'prop_1', 'approved');
    expect(acted).toEqual(['prop_1']);
  });

  test('behavior: of what proposes nothing, was refused or failed nothing is kept', async () => {
    const { graph, kept } = await begin();
    const plain = told({ compose: async () => answer });
    expect(await graph.ask(thread, plain.run)).toEqual({ answer });
    expect([...plain.log].sort()).toEqual(['own', 'route']);
    const refused = { outcome: 'refused', text: 'No.' } as const;
    expect((await graph.ask(thread, told({ propose: async () => refused }).run)).put).toEqual(refused);
    const fails = told({ own: () => Promise.reject(new Error('no state')) });
    await expect(graph.ask(thread, fails.run)).rejects.toThrow('no state');
    expect(await kept.getTuple({ configurable: { thread_id: thread } })).toBeUndefined();
  });
});
