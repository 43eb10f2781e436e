import { describe, expect, it } from 'vitest';
import { checkExposure } from './check-exposure.ts';

const account = '0xa';
const [first, second] = ['1'.repeat(32), '2'.repeat(32)];
const entry = (atMs: number, kind: string, detail: Record<string, unknown>) => ({ atMs, kind, account, detail });
const place = (atMs: number, orderId: number, clientId = first, size = '2') =>
  entry(atMs, 'place', { orderId, clientOrderId: `0x${clientId}`, size });
const fill = (atMs: number, orderId: number, size: string) => entry(atMs, 'fill', { orderId, size });
const status = (atMs: number, orderId: number, word: string) => entry(atMs, 'status', { orderId, status: word });
const invoke = (atMs: number, act: number, changes: object = {}) => ({
  ...{ type: 'invoke', atMs, act, verb: 'place', leg: 'entry', clientOrderId: first, size: '2' },
  ...changes,
});
const ok = (atMs: number, act: number, size = '2') => ({ type: 'ok', atMs, act, size, status: 'open' });
const fail = (atMs: number, act: number, code = 'order.invalid') => ({ type: 'fail', atMs, act, code });
const info = (atMs: number, act: number) => ({ type: 'info', atMs, act });
const probe = (atMs: number, outcome: string) => ({ type: 'probe', atMs, outcome });
const free = probe(99_000, 'approved');

const found = (ledger: Parameters<typeof checkExposure>[0], history: Parameters<typeof checkExposure>[1]) =>
  checkExposure(ledger, [...history, free], { account, limitMs: 15_000 }).violations;

describe('checkExposure', () => {
  it('default: an order that was taken once and told so', () => {
    const ledger = [place(1, 1), fill(2, 1, '2'), status(2, 1, 'filled')];
    expect(found(ledger, [invoke(0, 1), ok(3, 1)])).toEqual([]);
  });

  it('error: two orders of a leg, under one id or under two', () => {
    const under = (id: string) =>
      found([place(1, 1), place(2, 2, id)], [invoke(0, 1), invoke(0, 2, { clientOrderId: id }), ok(3, 1)]);
    for (const id of [first, second])
      expect(under(id)).toEqual(['entry: 2 live orders at once', 'entry: may fill 400000000 of 200000000']);
  });

  it('error: a leg that fills again after its first order has filled', () => {
    const ledger = [place(1, 1), fill(1, 1, '2'), status(1, 1, 'filled'), place(5, 2), fill(5, 2, '0.5')];
    expect(found(ledger, [invoke(0, 1), ok(6, 1)])).toContain('entry: filled 250000000 of 200000000');
  });

  it('behavior: an order that was replaced counts with what had filled of it', () => {
    const amended = [
      ...[place(1, 1), fill(2, 1, '0.5'), entry(3, 'modify', { orderId: 1, replacedBy: 2 }), status(3, 1, 'canceled')],
      place(3, 2, first, '2.5'),
    ];
    const history = (size: string) => [
      invoke(0, 1),
      ok(1, 1),
      invoke(2, 2, { verb: 'amend', size: '3' }),
      ok(4, 2, size),
    ];
    expect(found(amended, history('3'))).toEqual([]);
    expect(found(amended, history('2'))).toEqual(['entry: told as 2, but 300000000 rests or has filled']);
  });

  it('error: told as rejected, or as never landed, and taken all the same', () => {
    expect(found([place(1, 1)], [invoke(0, 1), fail(2, 1)])).toEqual([
      'entry: told as order.invalid, but the exchange took it',
    ]);
    expect(found([place(9, 1)], [invoke(0, 1), info(1, 1), invoke(2, 2), fail(3, 2, 'expired')])).toContain(
      'entry: told as expired, but the exchange took it',
    );
  });

  it('behavior: what the exchange refused unfilled was rejected rightly', () => {
    const ledger = [place(1, 1), status(1, 1, 'iocCancelRejected')];
    expect(found(ledger, [invoke(0, 1), fail(2, 1)])).toEqual([]);
  });

  it('error: told as cancelled while it is live, told as taken while there is nothing', () => {
    const cancel = invoke(3, 2, { verb: 'cancel', size: '0' });
    expect(found([place(1, 1)], [invoke(0, 1), ok(2, 1), cancel, ok(4, 2)])).toEqual([
      'entry: told as ended (open), but it is live',
    ]);
    expect(found([], [invoke(0, 1), ok(2, 1)])).toEqual(['entry: told as open, but the exchange does not have it']);
  });

  it('error: unknown for long, or with new risk let through', () => {
    const ledger = [place(1, 1)];
    const late = [invoke(0, 1), info(10, 1)];
    const known = [invoke(20_000, 2), ok(20_010, 2)];
    expect(found(ledger, [...late, probe(12_000, 'order.unresolved'), ...known])).toEqual([]);
    expect(found(ledger, [...late, ...known])).toEqual(['entry: place unknown for long without blocking']);
    expect(found(ledger, [...late, probe(11, 'approved'), invoke(20, 2), ok(21, 2)])).toEqual([
      'entry: new risk was let through while it was unknown',
    ]);
  });
});
