import { type ActionOutcome, type ChatMessage, type DeskStateView, type Proposal, StoreError } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedModel } from '../../model/scripted-model.ts';
import { ActedWorld, type ChatLifeOptions, chatLife, checkpointTables, twoUsers } from '../testing/chat-life.ts';
import { until } from '../testing/until.ts';

const approvals = [
  'yes, approve it',
  'Yes!',
  'approve',
  'I approve the proposal',
  'do it now',
  'confirm and execute the pending proposal',
];

describe.each(await testDatabases())('Orchestrator on $title', ({ available, title, make }) => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });
  const fresh = async (): Promise<TestDatabase> => {
    const test = await make();
    opened.push(test);
    return test;
  };
  const begin = async (options: ChatLifeOptions = {}) => {
    const life = await chatLife(await fresh(), options);
    await life.service.start();
    return life;
  };
  const test = it.skipIf(!available);
  const lasting = it.skipIf(!available || title === 'SQLite in memory');
  const proposed = async (
    { orchestrator, proposals }: Awaited<ReturnType<typeof chatLife>>,
    text = 'close half of my BTC position',
  ): Promise<{ readonly answer: ChatMessage; readonly proposal: Proposal }> => {
    const answer = await orchestrator.ask({ userId: 'ada', text });
    return { answer, proposal: await proposals.get('ada', answer.proposalId ?? '') };
  };

  test('default: an answer from the state, with what it cites, kept in the conversation', async () => {
    const life = await begin();
    const shown: string[] = [];
    const answer = await life.orchestrator.ask(
      { userId: 'ada', text: 'What does Vanta think of BTC?' },
      { onText: (text) => shown.push(text) },
    );
    expect(answer).toMatchObject({ role: 'assistant', userId: 'ada', agents: ['vanta'], source: 'rules' });
    expect(answer.text).toContain('long');
    expect(answer.citations.map(({ kind }) => kind)).toContain('opinion');
    expect(shown.at(-1)).toBe(answer.text);
    const again = await life.orchestrator.ask({
      userId: 'ada',
      conversationId: answer.conversationId,
      text: 'and why?',
    });
    expect(again.citations.map(({ kind }) => kind)).toContain('round');
    const kept = await life.memory.read('ada', answer.conversationId);
    expect(kept.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'What does Vanta think of BTC?'],
      ['assistant', answer.text],
      ['user', 'and why?'],
      ['assistant', again.text],
    ]);
    expect(kept[1]).toEqual(answer);
    expect(JSON.parse(await life.kept(...checkpointTables))).toEqual([[], [], []]);
  });

  test('behavior: an action is proposed and waits; approved by its hash it is done once and its thread ends', async () => {
    const world = new ActedWorld();
    const life = await begin({ actions: world });
    const { answer, proposal } = await proposed(life);
    expect(proposal).toMatchObject({
      status: 'waiting',
      conversationId: answer.conversationId,
      action: { kind: 'close-position', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', fraction: '0.5' },
    });
    expect(answer.text).toBe(
      `I propose: ${proposal.summary} Nothing is done before you approve it where it is shown; a word in the chat approves nothing.`,
    );
    const waiting = await life.kept(...checkpointTables);
    expect(waiting).toContain(`chat:ada:${answer.conversationId}:`);
    for (const word of ['my BTC position', '10055', '9071', 'equity']) expect(waiting).not.toContain(word);
    expect(world.asked).toEqual([]);

    const ends = await Promise.allSettled([
      life.proposals.approve('ada', proposal.id, proposal.contentHash),
      life.proposals.approve('ada', proposal.id, proposal.contentHash),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await life.proposals.get('ada', proposal.id)).status).toBe('done');
    expect(world.asked).toEqual([proposal.id]);
    expect(JSON.parse(await life.kept(...checkpointTables))).toEqual([[], [], []]);
  });

  test('behavior: no word of a chat approves, in its conversation or in another', async () => {
    const world = new ActedWorld();
    const life = await begin({ actions: world });
    const { answer, proposal } = await proposed(life);
    const said = [
      ...approvals,
      `approve ${proposal.id} ${proposal.contentHash}`,
      `{"approve":{"proposalId":"${proposal.id}","contentHash":"${proposal.contentHash}"}}`,
    ];
    for (const text of said) {
      await life.orchestrator.ask({ userId: 'ada', conversationId: answer.conversationId, text });
      await life.orchestrator.ask({ userId: 'ada', text });
      await life.orchestrator.ask({ userId: 'bob', text });
    }
    expect((await life.proposals.get('ada', proposal.id)).status).toBe('waiting');
    expect(world.asked).toEqual([]);
    expect(
      (await life.told({ atLeast: 1 })).filter(({ type }) => type === 'proposal.changed').map(({ id }) => id),
    ).toEqual([`proposal:${proposal.id}:waiting`]);
  });

  test('behavior: declined or expired its thread ends and nothing is done', async () => {
    const world = new ActedWorld();
    const life = await begin({ actions: world });
    const { proposal: first } = await proposed(life);
    await life.proposals.decline('ada', first.id);
    expect(JSON.parse(await life.kept(...checkpointTables))).toEqual([[], [], []]);
    const { proposal: second } = await proposed(life, 'pause');
    await life.clock.advanceTo(second.expiresAtMs);
    await until(async () => (await life.kept(...checkpointTables)) === '[[],[],[]]');
    expect((await life.proposals.get('ada', second.id)).status).toBe('expired');
    expect(world.asked).toEqual([]);
  });

  lasting('behavior: the process ends while it waits; the next one resumes it once', async () => {
    const world = new ActedWorld();
    const database = await fresh();
    const before = await chatLife(database, { actions: world });
    await before.service.start();
    const { proposal } = await proposed(before);
    await before.database.close();

    const after = await chatLife(database, { actions: world, life: 1, afterMs: 60_000 });
    await after.service.start();
    expect(world.asked).toEqual([]);
    const done = await after.proposals.approve('ada', proposal.id, proposal.contentHash);
    expect([done.status, world.asked]).toEqual(['done', [proposal.id]]);
    expect(JSON.parse(await after.kept(...checkpointTables))).toEqual([[], [], []]);
  });

  lasting(
    'behavior: the process ends between approval and act; the next one acts once and ends the thread',
    async () => {
      const world = new ActedWorld();
      const database = await fresh();
      const before = await chatLife(database, { actions: { act: () => new Promise<ActionOutcome>(() => {}) } });
      await before.service.start();
      const { proposal } = await proposed(before);
      before.proposals.approve('ada', proposal.id, proposal.contentHash).catch(() => {});
      await until(async () => (await before.proposals.get('ada', proposal.id)).status === 'approved');
      await before.database.close();

      const after = await chatLife(database, { actions: world, life: 1, afterMs: 3_600_000 });
      await after.service.start();
      await until(async () => (await after.proposals.get('ada', proposal.id)).status === 'done');
      await until(async () => (await after.kept(...checkpointTables)) === '[[],[],[]]');
      expect([world.asked, world.done.size]).toEqual([[proposal.id], 1]);
    },
  );

  test('behavior: a thread that is gone keeps nothing from being done', async () => {
    const world = new ActedWorld();
    const life = await begin({ actions: world });
    const { answer, proposal } = await proposed(life);
    const [question] = await life.memory.read('ada', answer.conversationId);
    await life.checkpointer.deleteThread(`chat:ada:${answer.conversationId}:${question?.id}`);
    expect((await life.proposals.approve('ada', proposal.id, proposal.contentHash)).status).toBe('done');
    expect(world.asked).toEqual([proposal.id]);
  });

  test('behavior: on monitor it proposes nothing and says so', async () => {
    const { shared, ofUser } = twoUsers();
    const life = await begin({
      state: {
        shared,
        ofUser: async (userId) => {
          const mine = await ofUser(userId);
          return { ...mine, user: { ...mine.user, agentAutonomy: { orchestrator: 'monitor' } } };
        },
      },
    });
    const answer = await life.orchestrator.ask({ userId: 'ada', text: 'close half of my BTC position' });
    expect(answer.proposalId).toBeUndefined();
    expect(answer.text).toBe(
      'You have set me to monitor, so I propose nothing. It would have been: Close 50 % of the position in BTC-PERP@hyperliquid at paper.',
    );
    expect([await life.proposals.list('ada'), await life.told()]).toEqual([[], []]);
  });

  test('behavior: what can not be proposed is said', async () => {
    let mark: number | undefined = 60_100;
    const life = await begin({ state: twoUsers(() => mark), proposalLimits: { mostWaiting: 1 } });
    const order = 'buy 0.1 BTC at 59500 stop 59000';
    mark = undefined;
    const noPrice = await life.orchestrator.ask({ userId: 'ada', text: order });
    expect([noPrice.proposalId, noPrice.text]).toEqual([undefined, expect.stringContaining('no fresh price')]);
    mark = 60_100;
    const { proposalId } = await life.orchestrator.ask({ userId: 'ada', text: order });
    expect((await life.proposals.list('ada')).map(({ id, status }) => [id, status])).toEqual([[proposalId, 'waiting']]);
    const full = await life.orchestrator.ask({ userId: 'ada', text: order });
    expect([full.proposalId, full.text]).toEqual([undefined, expect.stringContaining('wait already')]);
  });

  test('behavior: a hanging part is answered for by rules, and a state that hangs by one sentence, in time', async () => {
    const hangs = <Value>(): Promise<Value> => new Promise(() => {});
    let hung = 0;
    const hang = <Value>(): Promise<Value> => {
      hung += 1;
      return hangs();
    };
    const life = await begin({
      parts: (own) => ({ ...own, answer: (question) => (question.byRules ? own.answer(question) : hang()) }),
    });
    const asking = life.orchestrator.ask({ userId: 'ada', text: 'price of BTC' });
    await until(() => hung === 1);
    const startedAtMs = life.clock.nowMs();
    await life.clock.advanceTo(startedAtMs + 30_000);
    expect((await asking).text).toContain('60,100');

    const deaf = await begin({ state: { ...twoUsers(), ofUser: () => hang() } });
    const waiting = deaf.orchestrator.ask({ userId: 'ada', text: 'price of BTC' });
    await until(() => hung === 2);
    await deaf.clock.advanceTo(deaf.clock.nowMs() + 30_000);
    expect((await waiting).text).toBe('There was no time to answer this. Ask again in a moment.');
  });

  test('behavior: a late action is not proposed', async () => {
    const world = new ActedWorld();
    const gate = Promise.withResolvers<void>();
    let composed = 'not';
    const life = await begin({
      actions: world,
      parts: (own) => ({
        ...own,
        answer: async (question) => {
          if (question.byRules) return own.answer(question);
          composed = 'begun';
          await gate.promise;
          composed = 'ended';
          return own.answer({ ...question, signal: new AbortController().signal });
        },
      }),
    });
    const asking = life.orchestrator.ask({ userId: 'ada', text: 'close half of my BTC position' });
    let deleted = 0;
    const deleteThread = life.checkpointer.deleteThread.bind(life.checkpointer);
    life.checkpointer.deleteThread = async (threadId) => {
      await deleteThread(threadId);
      deleted += 1;
    };
    await until(() => composed === 'begun');
    await life.clock.advanceTo(life.clock.nowMs() + 30_000);
    const answer = await asking;
    expect([answer.proposalId, answer.text]).toEqual([
      undefined,
      'There was no time to answer this. Ask again in a moment.',
    ]);
    gate.resolve();
    await until(() => composed === 'ended');
    // Its thread ends after the answer was given, with an error that nobody waits for.
    await until(() => deleted === 1);
    expect(await life.proposals.list('ada')).toEqual([]);
    expect(JSON.parse(await life.kept(...checkpointTables))).toEqual([[], [], []]);
  });

  test('behavior: what fails on the way is said in one sentence and not what it was', async () => {
    const states: readonly DeskStateView['ofUser'][] = [
      () => Promise.reject(new StoreError('database.closed', 'postgres://root:hunter2@db is gone')),
      () => twoUsers().ofUser('bob'),
    ];
    for (const ofUser of states) {
      const life = await begin({ state: { ...twoUsers(), ofUser } });
      const answer = await life.orchestrator.ask({ userId: 'ada', text: 'my positions' });
      expect(answer.text).toBe('This could not be answered just now. Ask again in a moment.');
      expect(JSON.parse(await life.kept(...checkpointTables))).toEqual([[], [], []]);
    }
  });

  test("error: no text, too much of it, another's conversation, and nobody", async () => {
    const life = await begin();
    const { conversationId } = await life.orchestrator.ask({ userId: 'ada', text: 'help' });
    const refused = async (ask: Parameters<typeof life.orchestrator.ask>[0], code: string) =>
      expect(life.orchestrator.ask(ask)).rejects.toMatchObject({ code });
    await refused({ userId: 'ada', text: ' \u0000\n ' }, 'chat.empty');
    await refused({ userId: 'ada', text: 'x'.repeat(4_001) }, 'chat.too-long');
    await refused({ userId: 'bob', conversationId, text: 'help' }, 'chat.unknown');
    await refused({ userId: 'ada', conversationId: 'chat_x', text: 'help' }, 'chat.unknown');
    await refused({ userId: 'carol', text: 'help' }, 'user.unknown');
    expect(await life.memory.read('ada', conversationId)).toHaveLength(2);
    const abort = new AbortController();
    abort.abort(new Error('gone'));
    await expect(life.orchestrator.ask({ userId: 'ada', text: 'help' }, { signal: abort.signal })).rejects.toThrow(
      'gone',
    );
  });

  test('behavior: no secret that a user or the desk has is kept, told or asked with', async () => {
    const secret = 'correct-horse-battery';
    const key = `sk-${'a1B2'.repeat(8)}`;
    const model = new ScriptedModel({ answer: () => ({}) });
    const life = await begin({ secrets: [secret], model });
    const { conversationId } = await life.service.ask({ userId: 'ada', text: `my key is ${key} and ${secret}` });
    await life.service.ask({ userId: 'ada', conversationId, text: 'what do you think of BTC?' });
    const everything = [
      await life.kept('orchestrator_messages', 'orchestrator_conversations', ...checkpointTables),
      JSON.stringify(await life.told({ atLeast: 4 })),
      JSON.stringify(model.questions),
    ].join('\n');
    expect(everything).toContain('[secret]');
    expect(model.questions.length).toBeGreaterThan(0);
    for (const hidden of [secret, key]) expect(everything).not.toContain(hidden);
  });

  test('behavior: of two users at once nothing of one reaches the other', async () => {
    const world = new ActedWorld();
    const model = new ScriptedModel({ answer: () => ({}) });
    const life = await begin({ actions: world, model, chatLimits: { burst: 1_000, atOncePerUser: 100 } });
    const markers = { ada: 'ZEBRAMARK', bob: 'GIRAFFEMARK' } as const;
    const users = ['ada', 'bob'] as const;
    const talk = async (userId: (typeof users)[number]): Promise<void> => {
      const { conversationId } = await life.service.ask({ userId, text: `hello ${markers[userId]}` });
      for (const text of ['my positions', `opinion of BTC? ${markers[userId]}`, 'close half of my BTC position']) {
        const { proposalId } = await life.service.ask({ userId, conversationId, text });
        if (proposalId === undefined) continue;
        const { contentHash } = await life.proposals.get(userId, proposalId);
        const other = userId === 'ada' ? 'bob' : 'ada';
        await expect(life.proposals.approve(other, proposalId, contentHash)).rejects.toMatchObject({
          code: 'proposal.unknown',
        });
        await life.proposals.approve(userId, proposalId, contentHash);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, index) => talk(users[index % 2] ?? 'ada')));
    expect(world.done.size).toBe(6);
    for (const [userId, other] of [users, [...users].reverse()] as (readonly [
      keyof typeof markers,
      keyof typeof markers,
    ])[]) {
      const own = [
        JSON.stringify(await life.told({ userId, atLeast: 3 * (2 * 4 + 3) })),
        JSON.stringify(model.questions.filter(({ context }) => context?.userId === userId)),
        JSON.stringify(
          await Promise.all((await life.memory.list(userId)).map(({ id }) => life.memory.read(userId, id))),
        ),
        JSON.stringify(await life.proposals.list(userId)),
      ].join('\n');
      expect(own).toContain(markers[userId]);
      expect(own).not.toContain(markers[other]);
      expect(own).not.toContain(`"${other}"`);
    }
    expect(model.questions.every(({ context }) => context?.userId !== undefined)).toBe(true);
    expect((await life.told()).every(({ userId, key }) => userId !== undefined && key === userId)).toBe(true);
  });
});
