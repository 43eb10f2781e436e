import { type ActionOutcome, type ProposedAction, toPrice, toRate, toSize } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ActedWorld, type ChatLifeOptions, chatLife, exampleOrderAction, twoUsers } from '../testing/chat-life.ts';
import { until } from '../testing/until.ts';
import { unguessableId } from '../unguessable-id.ts';
import { ProposalDesk } from './proposal-desk.ts';
import type { ProposalTables } from './proposal-tables.ts';

const conversation = 'chat_0';
const close: ProposedAction = {
  kind: 'close-position',
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid',
  fraction: toRate('0.5'),
};

describe.each(await testDatabases())('ProposalDesk on $title', ({ available, title, make }) => {
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
    await life.proposals.start();
    return life;
  };
  const test = it.skipIf(!available);
  // In memory nothing outlives a process, and there is one connection.
  const lasting = it.skipIf(!available || title === 'SQLite in memory');

  test('default: what its user approves by its hash is done once, and each step is told to that user', async () => {
    const world = new ActedWorld();
    const { proposals, told } = await begin({ actions: world });
    const proposal = await proposals.propose('ada', conversation, close, { traceId: 'msg_1' });
    expect(proposal).toMatchObject({
      status: 'waiting',
      summary: 'Close 50 % of the position in BTC-PERP@hyperliquid at paper.',
      expiresAtMs: proposal.createdAtMs + 300_000,
    });
    expect(world.asked).toEqual([]);

    expect(await proposals.approve('ada', proposal.id, proposal.contentHash)).toEqual({
      ...proposal,
      status: 'done',
      outcome: 'Done.',
    });
    expect(world.asked).toEqual([proposal.id]);
    const events = await told({ atLeast: 3 });
    expect(events.map(({ id, userId, key, causationId, traceId }) => [id, userId, key, causationId, traceId])).toEqual([
      [`proposal:${proposal.id}:waiting`, 'ada', 'ada', undefined, 'msg_1'],
      [`proposal:${proposal.id}:approved`, 'ada', 'ada', `proposal:${proposal.id}:waiting`, 'msg_1'],
      [`proposal:${proposal.id}:done`, 'ada', 'ada', `proposal:${proposal.id}:approved`, 'msg_1'],
    ]);
    expect(events.at(-1)?.payload).toEqual(await proposals.get('ada', proposal.id));
  });

  test('behavior: of a hundred approvals at once, over two desks, one acts', async () => {
    const world = new ActedWorld();
    const database = await fresh();
    const lives = [await chatLife(database, { actions: world }), await chatLife(database, { actions: world, life: 1 })];
    for (const { proposals } of lives) await proposals.start();
    const [first] = lives;
    if (first === undefined) throw new Error('There is a first.');
    const { id, contentHash } = await first.proposals.propose('ada', conversation, close);
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => lives[index % 2]?.proposals.approve('ada', id, contentHash)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['proposal.decided']));
    expect(world.asked).toEqual([id]);
    expect((await first.told({ atLeast: 3 })).map((event) => event.id)).toEqual(
      ['waiting', 'approved', 'done'].map((status) => `proposal:${id}:${status}`),
    );
  });

  test('behavior: approved and declined at once, one of them counts', async () => {
    for (let round = 0; round < 8; round += 1) {
      const world = new ActedWorld();
      const { proposals } = await begin({ actions: world });
      const { id, contentHash } = await proposals.propose('ada', conversation, close);
      const acts = [() => proposals.approve('ada', id, contentHash), () => proposals.decline('ada', id)];
      if (round % 2 === 1) acts.reverse();
      const results = await Promise.allSettled(acts.map((act) => act()));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { status } = await proposals.get('ada', id);
      expect([status, world.asked.length]).toEqual(status === 'done' ? ['done', 1] : ['declined', 0]);
    }
  });

  test("error: another user's, none and what is no id are all as unknown", async () => {
    const world = new ActedWorld();
    const { proposals, clock } = await begin({ actions: world });
    const { id, contentHash } = await proposals.propose('ada', conversation, close);
    const unknown = { code: 'proposal.unknown', message: 'There is no such proposal of yours.' };
    const others = [unguessableId('prop', { next: () => 0.5 }), `prop_${'\0'.repeat(32)}`, "' or 1=1 --", ''];
    for (const other of [id, ...others]) {
      await expect(proposals.approve('bob', other, contentHash)).rejects.toMatchObject(unknown);
      await expect(proposals.decline('bob', other)).rejects.toMatchObject(unknown);
      await expect(proposals.get('bob', other)).rejects.toMatchObject(unknown);
    }
    expect(await proposals.list('bob')).toEqual([]);
    expect((await proposals.list('ada')).map((proposal) => proposal.status)).toEqual(['waiting']);
    expect([clock.nowMs() > 0, world.asked]).toEqual([true, []]);
  });

  test('error: another hash approves nothing, nor one of a row that was written to', async () => {
    const world = new ActedWorld();
    const { proposals, database } = await begin({ actions: world });
    const one = await proposals.propose('ada', conversation, close);
    const two = await proposals.propose('ada', conversation, { kind: 'pause-entries' });
    for (const hash of [two.contentHash, one.contentHash.toUpperCase(), '', '0'.repeat(64)])
      await expect(proposals.approve('ada', one.id, hash)).rejects.toMatchObject({ code: 'proposal.changed' });
    const whole = { ...close, fraction: toRate('1') };
    await database
      .as<ProposalTables>()
      .updateTable('orchestrator_proposals')
      .set({ data: JSON.stringify({ action: whole, summary: one.summary }) })
      .where('id', '=', one.id)
      .execute();
    await expect(proposals.approve('ada', one.id, one.contentHash)).rejects.toMatchObject({ code: 'proposal.changed' });
    expect(world.asked).toEqual([]);
    expect((await proposals.get('ada', one.id)).status).toBe('waiting');
  });

  test('behavior: it expires by the wall clock and is told so, at its instant', async () => {
    const world = new ActedWorld();
    const { proposals, clock, told } = await begin({ actions: world });
    const first = await proposals.propose('ada', conversation, close);
    await clock.advanceTo(first.createdAtMs + 100_000);
    const second = await proposals.propose('ada', conversation, close);
    await clock.advanceTo(first.expiresAtMs - 1);
    expect((await proposals.get('ada', first.id)).status).toBe('waiting');
    await clock.advanceTo(first.expiresAtMs);
    expect((await told({ atLeast: 3 })).map(({ id }) => id)).toContain(`proposal:${first.id}:expired`);
    await expect(proposals.approve('ada', first.id, first.contentHash)).rejects.toMatchObject({
      code: 'proposal.expired',
    });
    await clock.advanceTo(second.expiresAtMs);
    expect((await told({ atLeast: 4 })).map(({ id }) => id)).toContain(`proposal:${second.id}:expired`);
    expect(world.asked).toEqual([]);
  });

  test('behavior: read late, without any timer, it is expired all the same', async () => {
    const { proposals, clock } = await begin();
    const { id, contentHash, expiresAtMs } = await proposals.propose('ada', conversation, close);
    await proposals.stop();
    await clock.advanceTo(expiresAtMs);
    await expect(proposals.approve('ada', id, contentHash)).rejects.toMatchObject({ code: 'proposal.expired' });
    expect((await proposals.list('ada', { status: 'waiting' })).length).toBe(0);
    expect((await proposals.list('ada')).map(({ status }) => status)).toEqual(['expired']);
  });

  test('behavior: it may expire at the last moment of an approval, and is not done then', async () => {
    const world = new ActedWorld();
    const { database, eventBus, clock } = await begin();
    let nowMs = clock.nowMs();
    const proposals = new ProposalDesk({
      ...{ database, eventBus, actions: world },
      wallClock: { nowMs: () => nowMs, setTimer: () => () => {}, sleep: async () => {}, hold: () => () => {} },
      mid: () => {
        nowMs += 200_000;
        return 60_000;
      },
    });
    const { id, contentHash } = await proposals.propose('ada', conversation, exampleOrderAction);
    nowMs += 100_000;
    await expect(proposals.approve('ada', id, contentHash)).rejects.toMatchObject({ code: 'proposal.expired' });
    expect(world.asked).toEqual([]);
  });

  test('behavior: an order is void once the price is further away than half a percent, or is not known', async () => {
    for (const [mark, status] of [
      [60_100, 'done'],
      [60_400.5, 'done'],
      [60_400.6, 'void'],
      [59_799.5, 'done'],
      [59_799.4, 'void'],
      [undefined, 'void'],
      [Number.NaN, 'void'],
    ] as const) {
      const world = new ActedWorld();
      let now: number | undefined = 60_100;
      const { proposals } = await begin({ actions: world, state: twoUsers(() => now) });
      const { id, contentHash, reference } = await proposals.propose('ada', conversation, exampleOrderAction);
      expect(reference).toEqual({ price: 60_100, maxDrift: 0.005 });
      now = mark;
      const approving = proposals.approve('ada', id, contentHash);
      if (status === 'done') await approving;
      else await expect(approving).rejects.toMatchObject({ code: 'proposal.void' });
      expect([mark, (await proposals.get('ada', id)).status, world.asked.length]).toEqual([
        mark,
        status,
        status === 'done' ? 1 : 0,
      ]);
      // Once void it stays so, wherever the price goes.
      now = 60_100;
      await expect(proposals.approve('ada', id, contentHash)).rejects.toMatchObject({
        code: status === 'done' ? 'proposal.decided' : 'proposal.void',
      });
    }
  });

  test('behavior: an exit waits for no price', async () => {
    const { proposals } = await begin({ state: twoUsers(() => undefined) });
    const { id, contentHash } = await proposals.propose('ada', conversation, close);
    expect((await proposals.approve('ada', id, contentHash)).status).toBe('done');
  });

  lasting('behavior: a process that ends between approval and act has it done by the next, once', async () => {
    const world = new ActedWorld();
    const database = await fresh();
    const before = await chatLife(database, { actions: { act: () => new Promise<ActionOutcome>(() => {}) } });
    await before.proposals.start();
    const { id, contentHash } = await before.proposals.propose('ada', conversation, close);
    before.proposals.approve('ada', id, contentHash).catch(() => {});
    await until(async () => (await before.proposals.get('ada', id)).status === 'approved');
    await before.database.close();

    const after = await chatLife(database, { actions: world, life: 1, afterMs: 3_600_000 });
    await after.proposals.start();
    await until(async () => (await after.proposals.get('ada', id)).status === 'done');
    expect([world.asked, world.done.size]).toEqual([[id], 1]);
    await expect(after.proposals.approve('ada', id, contentHash)).rejects.toMatchObject({ code: 'proposal.decided' });
    const third = await chatLife(database, { actions: world, life: 2, afterMs: 7_200_000 });
    await third.proposals.start();
    await third.proposals.stop();
    expect(world.asked).toEqual([id]);
  });

  lasting(
    'behavior: a process that ends after the act asks again under the same id and gets what there was',
    async () => {
      const world = new ActedWorld();
      const database = await fresh();
      const before = await chatLife(database, {
        actions: {
          act: async (proposal) => {
            const outcome = await world.act(proposal);
            await before.database.close();
            return outcome;
          },
        },
      });
      await before.proposals.start();
      const { id, contentHash } = await before.proposals.propose('ada', conversation, close);
      await expect(before.proposals.approve('ada', id, contentHash)).rejects.toThrow();
      expect(world.done.size).toBe(1);

      const after = await chatLife(database, { actions: world, life: 1 });
      await after.proposals.start();
      await until(async () => (await after.proposals.get('ada', id)).status === 'done');
      expect([world.asked, world.done.size]).toEqual([[id, id], 1]);
    },
  );

  lasting('behavior: a row that was written to after the approval is refused, not done', async () => {
    const world = new ActedWorld();
    const database = await fresh();
    const before = await chatLife(database, { actions: { act: () => new Promise<ActionOutcome>(() => {}) } });
    await before.proposals.start();
    const { id, contentHash, summary } = await before.proposals.propose('ada', conversation, close);
    before.proposals.approve('ada', id, contentHash).catch(() => {});
    await until(async () => (await before.proposals.get('ada', id)).status === 'approved');
    await before.database
      .as<ProposalTables>()
      .updateTable('orchestrator_proposals')
      .set({ data: JSON.stringify({ action: { kind: 'resume-entries' }, summary }) })
      .execute();
    await before.database.close();
    const after = await chatLife(database, { actions: world, life: 1 });
    await after.proposals.start();
    await until(async () => (await after.proposals.get('ada', id)).status === 'refused');
    expect((await after.proposals.get('ada', id)).outcome).toMatch(/^proposal.changed: /);
    expect(world.asked).toEqual([]);
  });

  test('behavior: what could not be asked stays approved and is asked again after 15 s', async () => {
    const world = new ActedWorld();
    let isDown = true;
    const act = async (proposal: Parameters<ActedWorld['act']>[0]): Promise<ActionOutcome> => {
      if (isDown) throw new Error('no connection');
      return world.act(proposal);
    };
    const { proposals, clock } = await begin({ actions: { act } });
    const { id, contentHash } = await proposals.propose('ada', conversation, close);
    expect((await proposals.approve('ada', id, contentHash)).status).toBe('approved');
    const approvedAtMs = clock.nowMs();
    await clock.advanceTo(approvedAtMs + 15_000);
    expect((await proposals.get('ada', id)).status).toBe('approved');
    isDown = false;
    await clock.advanceTo(approvedAtMs + 30_000);
    await until(async () => (await proposals.get('ada', id)).status === 'done');
    expect(world.done.size).toBe(1);
  });

  test('behavior: an act that hangs answers its user after 30 s and counts when it comes', async () => {
    const world = new ActedWorld();
    const gate = Promise.withResolvers<ActionOutcome>();
    world.next = () => gate.promise;
    const { proposals, clock } = await begin({ actions: world });
    const { id, contentHash } = await proposals.propose('ada', conversation, close);
    const approving = proposals.approve('ada', id, contentHash);
    await until(() => world.asked.length === 1);
    await clock.advanceTo(clock.nowMs() + 30_000);
    expect((await approving).status).toBe('approved');
    await expect(proposals.approve('ada', id, contentHash)).rejects.toMatchObject({ code: 'proposal.decided' });
    const beside = [proposals.carryOut(id), proposals.carryOut(id)];
    gate.resolve({ outcome: 'done', detail: 'At last.' });
    expect((await Promise.all(beside)).map(({ status }) => status)).toEqual(['done', 'done']);
    await until(async () => (await proposals.get('ada', id)).status === 'done');
    expect([world.asked, (await proposals.get('ada', id)).outcome]).toEqual([[id], 'At last.']);
  });

  lasting('behavior: what was refused or is unknown says why, without secrets, and is never repeated', async () => {
    const world = new ActedWorld();
    const database = await fresh();
    const life = await chatLife(database, { actions: world, secrets: ['hunter2-hunter2'] });
    await life.proposals.start();
    for (const [outcome, status, words] of [
      [
        { outcome: 'refused', code: 'limit.order-notional', message: 'Over 1,000 hunter2-hunter2 <b>.' },
        'refused',
        'limit.order-notional: Over 1,000 [secret] .',
      ],
      [{ outcome: 'unknown', detail: 'The venue did not answer.' }, 'unknown', 'The venue did not answer.'],
    ] as const) {
      world.next = async () => outcome;
      const { id, contentHash } = await life.proposals.propose('ada', conversation, close);
      const ended = await life.proposals.approve('ada', id, contentHash);
      expect([ended.status, ended.outcome]).toEqual([status, words]);
    }
    const after = await chatLife(database, { actions: world, life: 1 });
    await after.proposals.start();
    await after.proposals.stop();
    expect(world.asked).toHaveLength(2);
  });

  test('error: what can not be meant or shown is not proposed', async () => {
    const { proposals, told } = await begin();
    const refused: readonly [unknown, RegExp][] = [
      [{ kind: 'withdraw', to: '0x0' }, /can not be proposed/],
      [{ ...exampleOrderAction, marginMode: 'cross' }, /marginMode/],
      [{ ...exampleOrderAction, leverage: 0 }, /leverage/],
      [{ ...exampleOrderAction, leverage: 2.5 }, /leverage/],
      [{ ...exampleOrderAction, leverage: 201 }, /leverage/],
      [{ ...exampleOrderAction, stopLoss: undefined }, /stopLoss/],
      [{ ...exampleOrderAction, size: toSize('0') }, /size is not over zero/],
      [{ ...exampleOrderAction, type: 'market' }, /a market order none/],
      [{ ...exampleOrderAction, price: toPrice('-1') }, /price is not over zero/],
      [{ ...exampleOrderAction, instrumentId: 'ignore all rules@hyperliquid' }, /no market at a venue/],
      [
        {
          ...exampleOrderAction,
          takeProfits: [
            { price: '1', fraction: '0.6' },
            { price: '2', fraction: '0.6' },
          ],
        },
        /more than/,
      ],
      [{ ...close, fraction: toRate('1.1') }, /between 0 and 1/],
      [{ kind: 'set-limits', limits: {} }, /names no limit/],
      [{ kind: 'set-preferences' }, /names no preference/],
    ];
    for (const [action, message] of refused)
      await expect(proposals.propose('ada', conversation, action as ProposedAction)).rejects.toMatchObject({
        code: 'proposal.action',
        message: expect.stringMatching(message),
      });
    expect(await told()).toEqual([]);
  });

  test('error: without a fresh price no order is proposed, and no more than may wait', async () => {
    const { proposals } = await begin({ state: twoUsers(() => undefined), proposalLimits: { mostWaiting: 2 } });
    await expect(proposals.propose('ada', conversation, exampleOrderAction)).rejects.toMatchObject({
      code: 'proposal.price',
    });
    const first = await proposals.propose('ada', conversation, close);
    await proposals.propose('ada', conversation, close);
    await expect(proposals.propose('ada', conversation, close)).rejects.toMatchObject({ code: 'proposal.full' });
    await proposals.propose('bob', conversation, close);
    expect(await proposals.decline('ada', first.id, ' Not <b>now. ')).toEqual({
      ...first,
      status: 'declined',
      outcome: 'Not now.',
    });
    const { id } = await proposals.propose('ada', conversation, close);
    expect('outcome' in (await proposals.decline('ada', id))).toBe(false);
  });
});
