import { type CheckpointMetadata, type CheckpointTuple, emptyCheckpoint, uuid6 } from '@langchain/langgraph-checkpoint';
import { SimulatedClock } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openCheckpoints } from './open-checkpoints.ts';
import type { SqlCheckpointSaverOptions } from './sql-checkpoint-saver.ts';

const metadata: CheckpointMetadata = { source: 'loop', step: 0, parents: {} };
const hourMs = 3_600_000;
const thread = (thread_id: string) => ({ configurable: { thread_id } });

describe.each(await testDatabases())('SqlCheckpointSaver on $title', ({ available, make }) => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });

  async function open(retention?: SqlCheckpointSaverOptions['retention']) {
    const test = await make();
    opened.push(test);
    const clock = new SimulatedClock();
    const again = async () =>
      openCheckpoints({ database: await test.open(), clock, ...(retention === undefined ? {} : { retention }) });
    const saver = await again();
    /** Keeps a checkpoint with these values, those that changed by name. */
    const keep = async (config: object, values: Record<string, unknown>, changed = Object.keys(values)) => {
      const checkpoint = { ...emptyCheckpoint(), id: uuid6(0), channel_values: values };
      const versions = Object.fromEntries(changed.map((channel) => [channel, 1]));
      return saver.put(config, { ...checkpoint, channel_versions: versions }, metadata, versions);
    };
    return { saver, clock, keep, again };
  }

  it.skipIf(!available)('default: what was kept is there after it is opened anew, writes in their order', async () => {
    const { saver, keep, again } = await open();
    const first = await keep(thread('round:a'), { turns: [1], queue: ['luma'] });
    const second = await keep(first, { turns: [1, 2], queue: ['luma'] }, ['turns']);
    await saver.putWrites(second, [['turns', { text: 'ü\u0000"', bytes: new Uint8Array([0, 255]) }]], 'task-b', 'b');
    await saver.putWrites(second, [['turns', 'later']], 'task-a', 'c');
    await saver.putWrites(second, [['turns', 'first']], 'task-Z', 'b');
    const kept = await (await again()).getTuple(thread('round:a'));
    expect(kept?.checkpoint.channel_values).toEqual({ turns: [1, 2], queue: ['luma'] });
    expect(kept?.parentConfig).toEqual(first);
    expect(kept?.pendingWrites).toEqual([
      ['task-Z', 'turns', 'first'],
      ['task-b', 'turns', { text: 'ü\u0000"', bytes: new Uint8Array([0, 255]) }],
      ['task-a', 'turns', 'later'],
    ]);
  });

  it.skipIf(!available)(
    'behavior: two that go on from one checkpoint do not mix, a channel that ended is gone',
    async () => {
      const { saver, keep } = await open();
      const root = await keep(thread('round:a'), { turns: [0], queue: ['x'] });
      const one = await keep(root, { turns: [1], queue: ['x'] }, ['turns']);
      const other = await keep(root, { turns: [2] }, ['turns', 'queue']);
      expect((await saver.getTuple(one))?.checkpoint.channel_values).toEqual({ turns: [1], queue: ['x'] });
      expect((await saver.getTuple(other))?.checkpoint.channel_values).toEqual({ turns: [2] });
      expect((await saver.getTuple(root))?.checkpoint.channel_values).toEqual({ turns: [0], queue: ['x'] });
    },
  );

  it.skipIf(!available)('behavior: what a task wrote stands when it runs again, its error gives way', async () => {
    const { saver, keep } = await open();
    const at = await keep(thread('round:a'), { turns: [] });
    for (const word of ['first', 'second']) {
      await saver.putWrites(at, [['turns', word]], 'task');
      await saver.putWrites(at, [['__error__', word]], 'task');
    }
    const writes = (await saver.getTuple(at))?.pendingWrites;
    expect(writes).toEqual([
      ['task', '__error__', 'second'],
      ['task', 'turns', 'first'],
    ]);
  });

  it.skipIf(!available)(
    'behavior: rounds of long ago are forgotten while it writes, other threads are not',
    async () => {
      const { saver, clock, keep } = await open({ keepForMs: 24 * hourMs });
      await keep(thread('round:old'), { turns: [1] });
      await keep(thread('chat:old'), { turns: [1] });
      const at = await keep(thread('round:taken-up'), { turns: [1] });
      await saver.putWrites(at, [['turns', 2]], 'task');
      await clock.advanceBy(20 * hourMs);
      await keep(at, { turns: [2] });
      await clock.advanceBy(5 * hourMs);
      await keep(thread('round:new'), { turns: [3] });
      const left = async (id: string): Promise<CheckpointTuple | undefined> => saver.getTuple(thread(id));
      expect(await left('round:old')).toBeUndefined();
      expect((await left('chat:old'))?.checkpoint.channel_values).toEqual({ turns: [1] });
      expect((await left('round:taken-up'))?.checkpoint.channel_values).toEqual({ turns: [2] });
      expect((await left('round:new'))?.checkpoint.channel_values).toEqual({ turns: [3] });
    },
  );

  it.skipIf(!available)('error: a place that is none says what is missing', async () => {
    const { saver } = await open();
    const put = (config: object) => saver.put(config, emptyCheckpoint(), metadata, {});
    await expect(put({})).rejects.toThrow('A checkpoint needs configurable.thread_id, a text that is not empty.');
    await expect(put(thread(''))).rejects.toMatchObject({ code: 'checkpoint.place' });
    await expect(put({ configurable: { thread_id: 7 } })).rejects.toThrow('configurable.thread_id is a number');
    await expect(saver.putWrites(thread('round:a'), [], 'task')).rejects.toThrow(
      'Writes need configurable.checkpoint_id',
    );
  });
});
