import { type Guidance, toPrice, toRate, toSize } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { marketLeg, place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { exampleGuidance, exampleSignal, limitLeg } from '../trade/example-signal.ts';
import { DbosWorkflowEngine } from './dbos-workflow-engine.ts';
import { dbosTemplate, type OwnDatabase, ownDatabase, postgresForTests } from './testing/own-database.ts';

const { available, title } = await postgresForTests();
const tradeId = `trade:${exampleSignal().id}`;
let template: OwnDatabase;
let database: OwnDatabase;
const desks: TradingDesk[] = [];

beforeAll(async () => {
  if (available) template = await dbosTemplate();
});
beforeEach(async () => {
  if (available) database = await ownDatabase(template);
});
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
  await database?.drop();
});
afterAll(() => template?.drop());

const run = async (options: TradingDeskOptions = {}): Promise<TradingDesk> => {
  const desk = await TradingDesk.run({
    openFile: (path) => openDatabase({ url: path.endsWith('desk.db') ? database.url : `sqlite:${path}` }),
    makeEngine: (parts) => new DbosWorkflowEngine({ ...parts, url: database.url, leaseMs: 86_400_000, pollMs: 0 }),
    ...options,
  });
  desks.push(desk);
  return desk;
};
const ladder = (): Guidance => exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]);
const settled = async (desk: TradingDesk) => (await desk.events('trade.settled')).map(({ payload }) => payload);
const ledger = async (desk: TradingDesk) => {
  const { fees, funding, realizedPnl } = await desk.paper.fetchAccount('alice');
  return { fees, funding, realizedPnl };
};

describe.skipIf(!available)(`a trade with DBOS on ${title}`, () => {
  it("default: entered at the market, protected, stopped, settled as the venue's ledger has it", async () => {
    const desk = await run();
    await desk.guide();
    expect(await desk.resting()).toEqual([
      'stop-loss 0.1 @ 59500',
      'take-profit 0.05 @ 60750',
      'take-profit 0.05 @ 61500',
    ]);
    await desk.price(59_499.9);
    expect(await settled(desk)).toMatchObject([{ tradeId, outcome: 'closed', ...(await ledger(desk)) }]);
    expect((await ledger(desk)).realizedPnl).toBe('-50.01');
    expect(await desk.resting()).toEqual([]);
    expect((await desk.engine.get(tradeId))?.status).toBe('succeeded');
    expect(desk.gate.released.map(({ remaining }) => remaining)).toEqual([undefined]);
    expect(desk.errors).toEqual([]);
  });

  it('behavior: a ladder fills in part, its process ends, and the next one takes it to its end', async () => {
    const desk = await run();
    await desk.guide({}, ladder());
    await desk.price(59_950);
    await desk.stop({ keepFiles: true });
    const next = await run({ folder: desk.folder, startAtMs: desk.clock.nowMs(), seed: 'second' });
    await next.price(59_950);
    expect((await next.resting())[0]).toBe('entry 0.05 @ 59900');
    await next.price(59_890);
    await next.price(60_750);
    await next.price(61_500);
    expect(await settled(next)).toMatchObject([{ outcome: 'closed', ...(await ledger(next)) }]);
    expect((await next.events('position.opened', 'position.closed')).length).toBe(2);
    // The ids under which orders went out are those that the local engine derives.
    const entries = (await next.events('order.submitted')).filter(({ payload }) => payload.purpose === 'entry');
    expect(new Set(entries.map(({ payload }) => payload.clientOrderId)).size).toBe(2);
  });

  it('behavior: a TWAP goes in its slices, and the stop that follows the price ends it', async () => {
    const desk = await run();
    const guidance = exampleGuidance([marketLeg], {
      pacing: { kind: 'twap', slices: 4, durationMs: 240_000 },
      exits: { trailing: { distance: toRate('0.005'), fromR: 1 } },
    });
    await desk.guide({ takeProfits: [{ price: toPrice(70_000), fraction: toRate(1) }] }, guidance);
    await desk.pass(240_000);
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
    for (const price of [60_600, 61_000, 60_900]) {
      await desk.price(price);
      await desk.clock.advanceBy(6_000);
    }
    expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 60695');
    await desk.price(60_690);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: a user approves, and the trade goes on from the mailbox', async () => {
    const desk = await run({ user: { autonomy: 'suggest' } });
    const signal = await desk.guide();
    const [pending] = await desk.trades.fetchApprovals('alice');
    expect(await desk.positionAtVenue()).toBeUndefined();
    await desk.trades.approve('alice', signal.id, pending?.contentHash ?? '');
    await desk.clock.idle();
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
    await desk.closer.close(place, { origin: 'manual', reason: 'manual' });
    await desk.clock.idle();
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: a user edits and approves, and what was shown is sent', async () => {
    const desk = await run({ user: { autonomy: 'suggest' } });
    const signal = await desk.guide({}, ladder());
    const [pending] = await desk.trades.fetchApprovals('alice');
    const edited = await desk.trades.edit('alice', signal.id, pending?.contentHash ?? '', { size: toSize('0.06') });
    if (edited.outcome !== 'edited') throw new Error(JSON.stringify(edited));
    expect(await desk.trades.fetchApprovals('alice')).toEqual([edited.approval]);
    await desk.trades.approve('alice', signal.id, edited.approval.contentHash);
    await desk.clock.idle();
    expect(await desk.resting()).toEqual(['entry 0.03 @ 59900', 'entry 0.03 @ 59990']);
  });
});
