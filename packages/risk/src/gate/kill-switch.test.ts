import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, type TradingScope, toSize } from '@perpdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import { DurableTradingSwitch } from '../switch/durable-trading-switch.ts';
import { FakeDesk, orderId, orderNumber } from '../testing/fake-desk.ts';
import { aPosition } from '../testing/fixtures.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpdesk-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('the kill switch in the process itself', () => {
  /** A thousand users with an order each, a log that answers late, and every signature counted. */
  const desk = (users: number) => {
    const made = new FakeDesk();
    for (let n = 0; n < users; n += 1) made.add({ id: `user-${n}` });
    let [signed, logged] = [0, 0];
    const authority = {
      verifier: () => made.authority.verifier(),
      mint: (...order: Parameters<typeof made.authority.mint>) => {
        signed += 1;
        return made.authority.mint(...order);
      },
    };
    const auditLog = {
      append: async (record: AuditRecord) => {
        logged += 1;
        await turns(1 + (logged % 7));
        return { ...record, sequence: 1, atMs: 0, hash: '' };
      },
      writable: () => true,
    };
    return { made, authority, auditLog, signed: () => signed };
  };

  it.each<TradingScope>(['operator', 'agent:riven', 'market:BTC-PERP'])(
    'default: of 1,000 orders asked for at once none is signed after the call, however far it had come (%s)',
    async (scope) => {
      const { made, authority, auditLog, signed } = desk(1_000);
      const tradingSwitch = new DurableTradingSwitch({ clock: made.clock, directory });
      await tradingSwitch.start();
      const brix = made.brix({ tradingSwitch, authority, auditLog });
      const asked = made.users.map(({ id }, n) =>
        brix.authorize(orderNumber(n, { userId: id, origin: 'agent', clientOrderId: orderId(n) })),
      );
      while (signed() < 50) await turns(1);
      const durable = tradingSwitch.set(scope, 'halted', 'Kill switch.');
      const before = signed();
      const decisions = await Promise.all(asked);
      await durable;
      expect(signed()).toBe(before);
      const approved = decisions.filter(({ outcome }) => outcome === 'approved');
      expect(approved).toHaveLength(before);
      expect(before).toBeLessThan(1_000);
      const codes = new Set(decisions.flatMap((d) => (d.outcome === 'rejected' ? [d.rejection.code] : [])));
      expect([...codes]).toEqual(['trading.halted']);
    },
    60_000,
  );

  it('behavior: a halt of one user leaves the others', async () => {
    const { made, authority, auditLog } = desk(2);
    const brix = made.brix({ authority, auditLog });
    const asked = [0, 1].map((n) => brix.authorize(orderNumber(n, { userId: `user-${n}` })));
    void made.tradingSwitch.set('user:user-0', 'halted');
    expect((await Promise.all(asked)).map(({ outcome }) => outcome)).toEqual(['rejected', 'approved']);
  });

  it('behavior: what was signed before a halt may not leave after it', async () => {
    const { made, authority, auditLog } = desk(2);
    let leased = true;
    const brix = made.brix({ authority, auditLog, lease: () => leased });
    const order = orderNumber(0, { userId: 'user-0' });
    expect((await brix.authorize(order)).outcome).toBe('approved');
    expect(brix.mayLeave(order)).toBeUndefined();
    void made.tradingSwitch.set('user:user-0', 'reducing');
    expect(brix.mayLeave(order)).toMatchObject({ code: 'trading.reducing' });
    expect(brix.mayLeave({ ...order, userId: 'user-1' })).toBeUndefined();
    leased = false;
    expect(brix.mayLeave({ ...order, userId: 'user-1' })).toMatchObject({ code: 'lease.missing' });
  });

  it('behavior: database, bus, directory and disk down: the halt holds, exits pass at once', async () => {
    const { made } = desk(1);
    const gone = new Error('gone');
    const tradingSwitch = new DurableTradingSwitch({
      clock: made.clock,
      directory: join(directory, 'file-in-the-way', 'below'),
      eventBus: { publish: () => Promise.reject(gone), subscribe: () => () => {}, close: async () => {} } as never,
    });
    await tradingSwitch.start();
    const store = new MemoryRiskStateStore();
    const brix = made.brix({ tradingSwitch, store });
    store.load = () => Promise.reject(gone);
    store.commit = () => Promise.reject(gone);
    made.directoryDown = true;
    await import('node:fs/promises').then(({ writeFile }) => writeFile(join(directory, 'file-in-the-way'), ''));
    const durable = tradingSwitch.set('operator', 'halted', 'Kill switch.');
    expect(tradingSwitch.state([])).toBe('halted');
    await expect(durable).rejects.toMatchObject({ code: 'trading-state.volatile' });
    expect(await brix.authorize(orderNumber(1, { userId: 'user-0' }))).toMatchObject({ outcome: 'rejected' });
    made.positions.set('user-0', [aPosition({ instrumentId: 'BTC-PERP@hyperliquid', size: toSize('0.02') })]);
    const exit = { side: 'sell', type: 'market', price: undefined, stopLoss: undefined, leverage: undefined };
    const closing = orderNumber(2, {
      ...exit,
      userId: 'user-0',
      reduceOnly: true,
      purpose: 'exit',
      origin: 'kill-switch',
    });
    expect(await brix.authorize(closing)).toMatchObject({ outcome: 'approved' });
  });
});
