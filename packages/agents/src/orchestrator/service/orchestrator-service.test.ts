import { SimulatedClock } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedModel } from '../../model/scripted-model.ts';
import { type ChatLifeOptions, chatLife, checkpointTables } from '../testing/chat-life.ts';
import { until } from '../testing/until.ts';
import { OrchestratorService } from './orchestrator-service.ts';
import { TokenBucket } from './token-bucket.ts';

const [kind] = await testDatabases();

describe('OrchestratorService', () => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });
  const begin = async (options: ChatLifeOptions = {}) => {
    if (kind === undefined) throw new Error('There is SQLite.');
    const test = await kind.make();
    opened.push(test);
    const life = await chatLife(test, options);
    await life.service.start();
    return life;
  };
  /** Parts that answer once they are let. */
  const gated = (): { readonly open: () => void; readonly options: ChatLifeOptions } => {
    const gate = Promise.withResolvers<void>();
    return {
      open: gate.resolve,
      options: { parts: (own) => ({ ...own, answer: (question) => gate.promise.then(() => own.answer(question)) }) },
    };
  };

  it('default: the question and the answer are told, for their user alone, the answer as caused by the question', async () => {
    const { service, told, memory } = await begin();
    const answer = await service.ask({ userId: 'ada', text: 'price of BTC' });
    const [question] = await memory.read('ada', answer.conversationId);
    expect((await told()).map(({ atMs, version, ...event }) => event)).toEqual([
      {
        id: `chat:${question?.id}`,
        type: 'chat.asked',
        key: 'ada',
        userId: 'ada',
        traceId: question?.id,
        payload: question,
      },
      {
        id: `chat:${answer.id}`,
        type: 'chat.answered',
        key: 'ada',
        userId: 'ada',
        traceId: question?.id,
        causationId: `chat:${question?.id}`,
        payload: answer,
      },
    ]);
    expect(service.health()).toEqual({ status: 'healthy', detail: '1 questions answered, 0 in hand' });
  });

  it('behavior: one question at a time in a conversation, and few at once for a user', async () => {
    const { open, options } = gated();
    const { service, memory } = await begin({ ...options, chatLimits: { atOncePerUser: 2 } });
    const conversationId = await memory.begin('ada');
    const first = service.ask({ userId: 'ada', conversationId, text: 'price of BTC' });
    await expect(service.ask({ userId: 'ada', conversationId, text: 'price of ETH' })).rejects.toMatchObject({
      code: 'chat.busy',
      retryable: true,
      retryAfterMs: 2_000,
    });
    const second = service.ask({ userId: 'ada', text: 'price of ETH' });
    await expect(service.ask({ userId: 'ada', text: 'price of SOL' })).rejects.toMatchObject({ code: 'chat.busy' });
    const bobs = service.ask({ userId: 'bob', text: 'price of BTC' });
    open();
    await Promise.all([first, second, bobs]);
    await service.ask({ userId: 'ada', conversationId, text: 'price of ETH' });
    expect(await memory.read('ada', conversationId)).toHaveLength(4);
  });

  it('behavior: who asks too fast waits, and nobody else does', async () => {
    const { service, clock } = await begin({ chatLimits: { burst: 2, perMinute: 6 } });
    const ask = (userId: string) => service.ask({ userId, text: 'help' });
    await ask('ada');
    await ask('ada');
    await expect(ask('ada')).rejects.toMatchObject({
      code: 'chat.rate',
      message: 'You ask too fast: ask again in 10 s.',
      retryAfterMs: 10_000,
    });
    await ask('bob');
    await clock.advanceTo(clock.nowMs() + 10_000);
    await ask('ada');
    await expect(ask('ada')).rejects.toMatchObject({ code: 'chat.rate' });
  });

  it('behavior: beyond what may run and wait for all, questions are refused', async () => {
    const { open, options } = gated();
    const { service } = await begin({ ...options, chatLimits: { atOnce: 1, mostWaiting: 1 } });
    const asked = ['ada', 'bob'].map((userId) => service.ask({ userId, text: 'price of BTC' }));
    await expect(service.ask({ userId: 'ada', text: 'price of BTC' })).rejects.toMatchObject({
      code: 'chat.overloaded',
      retryable: true,
      retryAfterMs: 2_000,
    });
    open();
    expect((await Promise.all(asked)).map(({ userId }) => userId)).toEqual(['ada', 'bob']);
  });

  it('behavior: stopped, it lets go of those who ask and of its timers', async () => {
    const { options } = gated();
    const { service, clock } = await begin(options);
    const asking = service.ask({ userId: 'ada', text: 'price of BTC' });
    const ended = expect(asking).rejects.toThrow('The Orchestrator was stopped.');
    await new Promise((resolve) => setImmediate(resolve));
    await service.stop();
    await ended;
    expect(service.health()).toEqual({ status: 'stopped' });
    await expect(service.ask({ userId: 'ada', text: 'help' })).rejects.toThrow('The Orchestrator was stopped.');
    await clock.advanceTo(clock.nowMs() + 10 * 3_600_000);
  });

  it('behavior: it forgets a user on demand and old conversations by itself', async () => {
    const { service, memory, clock } = await begin();
    await service.ask({ userId: 'ada', text: 'help' });
    await service.ask({ userId: 'bob', text: 'help' });
    await service.forget('ada');
    expect([(await memory.list('ada')).length, (await memory.list('bob')).length]).toEqual([0, 1]);
    await clock.advanceTo(clock.nowMs() + 30 * 86_400_000 + 3_600_000);
    await clock.idle();
    expect(await memory.list('bob')).toEqual([]);
  });
});

describe('forget', () => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });
  /** A model that words answers, once it is let. */
  const modelled = () => {
    const gate = Promise.withResolvers<void>();
    const state = { isHeld: false };
    const model = new ScriptedModel({
      answer: async () => {
        if (state.isHeld) await gate.promise;
        return { sentences: [{ text: 'Vanta is long on BTC-PERP.', facts: ['f1'] }] };
      },
    });
    return { model, state, open: gate.resolve };
  };
  const begin = async (options: ChatLifeOptions) => {
    if (kind === undefined) throw new Error('There is SQLite.');
    const test = await kind.make();
    opened.push(test);
    const life = await chatLife(test, {
      ...options,
      chatLimits: { burst: 1_000, perMinute: 6_000, atOncePerUser: 10 },
    });
    await life.service.start();
    return life;
  };
  const marker = 'ZEBRAMARK';

  it('default: no prompt and no table of chats has a word of what was forgotten; another’s words stay', async () => {
    const { model } = modelled();
    const { service, memory, kept } = await begin({ model });
    const mine = await service.ask({ userId: 'ada', text: `what of BTC and ${marker}?` });
    await service.ask({ userId: 'ada', conversationId: mine.conversationId, text: `and now, ${marker}2?` });
    const bobs = await service.ask({ userId: 'bob', text: 'what of BTC and GIRAFFEMARK?' });
    expect(JSON.stringify(model.questions)).toContain(marker);
    const before = model.questions.length;
    await service.forget('ada');

    await expect(
      service.ask({ userId: 'ada', conversationId: mine.conversationId, text: 'go on' }),
    ).rejects.toMatchObject({ code: 'chat.unknown' });
    const fresh = await service.ask({ userId: 'ada', text: 'what did I say about BTC?' });
    await service.ask({ userId: 'ada', conversationId: fresh.conversationId, text: 'and before that?' });
    await service.ask({ userId: 'bob', conversationId: bobs.conversationId, text: 'what do you think of BTC now?' });
    const asked = JSON.stringify(model.questions.slice(before));
    expect(asked).toContain('what did I say about BTC?');
    expect(asked).toContain('GIRAFFEMARK');
    expect(asked).not.toContain(marker);
    const tables = await kept('orchestrator_conversations', 'orchestrator_messages', ...checkpointTables);
    expect(tables).toContain('GIRAFFEMARK');
    expect(tables).not.toContain(marker);
    expect(await memory.read('bob', bobs.conversationId)).toHaveLength(4);
  });

  it('behavior: what is being answered is broken off, and leaves nothing; what comes meanwhile is answered after it', async () => {
    const { model, state, open } = modelled();
    const { service, memory, kept } = await begin({ model });
    state.isHeld = true;
    const asking = expect(service.ask({ userId: 'ada', text: `what of BTC and ${marker}?` })).rejects.toMatchObject({
      code: 'chat.forgotten',
    });
    await until(() => model.questions.length > 0);
    state.isHeld = false;
    const forgetting = service.forget('ada');
    const next = service.ask({ userId: 'ada', text: 'price of BTC' });
    await asking;
    await forgetting;
    open();
    const { conversationId } = await next;
    expect((await memory.list('ada')).map(({ id }) => id)).toEqual([conversationId]);
    expect(await kept('orchestrator_messages', ...checkpointTables)).not.toContain(marker);
  });

  it('behavior: what is still being written is waited for, and forgotten with the rest', async () => {
    const { memory, proposals, eventBus, clock } = await begin({});
    const gate = Promise.withResolvers<void>();
    const ask = async ({ userId }: { readonly userId: string }) => {
      await gate.promise;
      await memory.begin(userId);
      throw new Error('It was broken off.');
    };
    const service = new OrchestratorService({ orchestrator: { ask }, memory, proposals, eventBus, wallClock: clock });
    const asking = Promise.allSettled([service.ask({ userId: 'ada', text: 'hello' })]);
    await new Promise((resolve) => setImmediate(resolve));
    const forgetting = service.forget('ada');
    await until(async () => (await memory.list('bob')).length === 0);
    gate.resolve();
    await Promise.all([forgetting, asking]);
    expect(await memory.list('ada')).toEqual([]);
  });

  it('behavior: a question that was being taken in leaves nothing either', async () => {
    const { model } = modelled();
    const { service, memory } = await begin({ model });
    const asking = Promise.allSettled(
      Array.from({ length: 5 }, () => service.ask({ userId: 'ada', text: `hello ${marker}` })),
    );
    await Promise.resolve();
    await Promise.all([service.forget('ada'), service.forget('ada')]);
    expect((await asking).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await memory.list('ada')).toEqual([]);
  });
});

describe('TokenBucket', () => {
  it('default: so many in a row, then one every so often, each key for itself', async () => {
    const clock = new SimulatedClock();
    const bucket = new TokenBucket({ clock, burst: 3, perMinute: 60 });
    expect([1, 2, 3, 4].map(() => bucket.take('a'))).toEqual([0, 0, 0, 1_000]);
    expect(bucket.take('b')).toBe(0);
    await clock.advanceTo(400);
    expect(bucket.take('a')).toBe(600);
    await clock.advanceTo(1_000);
    expect([bucket.take('a'), bucket.take('a')]).toEqual([0, 1_000]);
    await clock.advanceTo(60_000);
    expect([1, 2, 3, 4].map(() => bucket.take('a'))).toEqual([0, 0, 0, 1_000]);
  });
});
