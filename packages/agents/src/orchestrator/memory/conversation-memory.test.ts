import { type ChatMessage, SeededRandom, SimulatedClock } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ConversationMemory, type ConversationMemoryOptions } from './conversation-memory.ts';
import { promptHistory } from './prompt-history.ts';

const dayMs = 86_400_000;

describe.each(await testDatabases())('ConversationMemory on $title', ({ available, make }) => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });
  let written = 0;
  const begin = async (limits: NonNullable<ConversationMemoryOptions['limits']> = {}) => {
    const test = await make();
    opened.push(test);
    const database = await test.open();
    const clock = new SimulatedClock({ startAtMs: 100 * dayMs });
    const memory = new ConversationMemory({ database, clock, random: new SeededRandom('memory'), limits });
    await memory.open();
    const message = (userId: string, conversationId: string, text: string): ChatMessage => ({
      id: `msg_${written++}`,
      ...{ conversationId, userId, text },
      role: 'user',
      agents: [],
      citations: [],
      atMs: clock.nowMs(),
    });
    const say = (...words: readonly [string, string, string]): Promise<void> => memory.append(message(...words));
    const texts = async (userId: string, id: string, limit?: number) =>
      (await memory.read(userId, id, limit)).map(({ text }) => text);
    return { database, clock, memory, message, say, texts };
  };
  const test = it.skipIf(!available);

  test('default: what was said comes back in its order, the last of it on demand', async () => {
    const { memory, message, say, texts } = await begin();
    const id = await memory.begin('ada');
    const first = {
      ...message('ada', id, 'What of "BTC"?\u0000 ünï\n2'),
      source: 'rules' as const,
      proposalId: 'prop_1',
    };
    await memory.append(first);
    await Promise.all(Array.from({ length: 10 }, (_, index) => say('ada', id, `${index}`)));
    expect((await memory.read('ada', id))[0]).toEqual(first);
    expect((await texts('ada', id)).slice(1).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`));
    await say('ada', id, 'last');
    expect((await texts('ada', id, 2)).at(-1)).toBe('last');
    expect(await texts('ada', id, 1)).toEqual(['last']);
  });

  test("error: another's conversation is as unknown as none, to read and to write", async () => {
    const { memory, say } = await begin();
    const id = await memory.begin('ada');
    await say('ada', id, 'ADA-MARKER');
    const unknown = { code: 'chat.unknown' };
    for (const other of [id, 'chat_'.padEnd(37, '0'), "x' or '1'='1", `chat_${'\0'.repeat(32)}`, '']) {
      await expect(memory.read('bob', other)).rejects.toMatchObject(unknown);
      await expect(say('bob', other, 'in')).rejects.toMatchObject(unknown);
    }
    expect(await memory.list('bob')).toEqual([]);
    expect(await memory.read('ada', id)).toHaveLength(1);
  });

  test('behavior: old conversations, the oldest of many and the oldest messages are forgotten', async () => {
    const { memory, clock, say, texts } = await begin({ keepForMs: 30 * dayMs, messages: 3, conversations: 2 });
    const [one, two] = [await memory.begin('ada'), await memory.begin('ada')];
    const bobs = await memory.begin('bob');
    for (const text of ['1', '2', '3', '4', '5']) await say('ada', one, text);
    expect(await texts('ada', one)).toEqual(['3', '4', '5']);
    await clock.advanceTo(101 * dayMs);
    await say('ada', two, 'later');
    const three = await memory.begin('ada');
    expect((await memory.list('ada')).map(({ id }) => id).sort()).toEqual([two, three].sort());
    await expect(memory.read('ada', one)).rejects.toMatchObject({ code: 'chat.unknown' });
    await clock.advanceTo(130 * dayMs + 1);
    await memory.prune();
    expect([(await memory.list('ada')).length, await memory.list('bob')]).toEqual([2, []]);
    await expect(memory.read('bob', bobs)).rejects.toMatchObject({ code: 'chat.unknown' });
    await clock.advanceTo(131 * dayMs + 1);
    await memory.prune();
    expect(await memory.list('ada')).toEqual([]);
  });

  test('behavior: one user is forgotten whole, and no other', async () => {
    const { memory, say, texts, database } = await begin();
    const [ada, bob] = [await memory.begin('ada'), await memory.begin('bob')];
    await say('ada', ada, 'ADA-MARKER');
    await say('bob', bob, 'BOB-MARKER');
    await memory.forget('ada');
    await expect(memory.read('ada', ada)).rejects.toMatchObject({ code: 'chat.unknown' });
    await expect(say('ada', ada, 'again')).rejects.toMatchObject({ code: 'chat.unknown' });
    expect(await texts('bob', bob)).toEqual(['BOB-MARKER']);
    const rows = await database
      .as<{ orchestrator_messages: object }>()
      .selectFrom('orchestrator_messages')
      .selectAll()
      .execute();
    expect(JSON.stringify(rows)).not.toContain('ADA-MARKER');
  });

  test('behavior: what is to be kept with a message is kept with it, or neither', async () => {
    const { memory, message, texts } = await begin();
    const id = await memory.begin('ada');
    const failing = memory.append(message('ada', id, 'lost'), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await texts('ada', id)).toEqual([]);
  });
});

describe('promptHistory', () => {
  const said = (...texts: readonly string[]) => texts.map((text) => ({ role: 'user' as const, text, userId: 'ada' }));

  it('default: the last messages within the bounds, oldest first, and nothing of them but who and what', () => {
    const shown = promptHistory(said('old', 'aaaa', 'bbb', 'cc'), { messages: 3, characters: 100 });
    expect(shown).toEqual([
      { role: 'user', text: 'aaaa' },
      { role: 'user', text: 'bbb' },
      { role: 'user', text: 'cc' },
    ]);
  });

  it('behavior: never more characters than may be', () => {
    expect(promptHistory(said('x', 'aaaa', 'bbb'), { messages: 3, characters: 6 }).map(({ text }) => text)).toEqual([
      'bbb',
    ]);
    const full = promptHistory(said(...Array.from({ length: 50 }, () => 'x'.repeat(3_999))));
    expect(full.map(({ text }) => text.length)).toEqual([3_999, 3_999]);
  });
});
