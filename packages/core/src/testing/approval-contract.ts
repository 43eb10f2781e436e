import assert from 'node:assert/strict';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { type DecimalString, toSize } from '../decimal.ts';
import type { OrderIntent } from '../domain/order.ts';
import type { RejectionCode } from '../domain/risk-decision.ts';
import { canonicalJson } from '../events/json.ts';
import type { ApprovalAuthority, ApprovedOrder, SpendOutcome } from '../ports/approved-order.ts';
import type { ContractCase } from './contract-case.ts';
import { exampleOrderIntent } from './example-order-intent.ts';

/** Makes an authority on this clock whose authorisations live 10 s. Two made are strangers to each other. */
export type MakeApprovalAuthority = (options: { readonly clock: SimulatedClock }) => ApprovalAuthority;

const startAtMs = 1_700_000_000_000;

const code = (outcome: SpendOutcome): RejectionCode | 'ok' => (outcome.ok ? 'ok' : outcome.rejection.code);
/** What plain JavaScript can do: hand in anything. */
const forge = (order: unknown): ApprovedOrder => order as ApprovedOrder;

function scenario(
  name: string,
  run: (given: {
    readonly clock: SimulatedClock;
    readonly authority: ApprovalAuthority;
    readonly order: ApprovedOrder;
    readonly spend: (order: unknown, userId?: string) => SpendOutcome;
    readonly stranger: ApprovalAuthority;
  }) => void | Promise<void>,
): ContractCase<MakeApprovalAuthority> {
  return {
    name,
    run: async (make) => {
      const clock = new SimulatedClock({ startAtMs });
      const authority = make({ clock });
      const verifier = authority.verifier();
      await run({
        clock,
        authority,
        order: authority.mint(exampleOrderIntent(), 'decision-1'),
        spend: (order, userId = 'user-1') => verifier.spend(forge(order), userId),
        stranger: make({ clock }),
      });
    },
  };
}

/** An object whose member `name` answers `values` one after another, the last for ever. */
function shifting<T extends object>(target: T, name: string, values: readonly unknown[]): T {
  let reads = 0;
  return Object.defineProperty({ ...target }, name, {
    enumerable: true,
    get: () => values[Math.min(reads++, values.length - 1)],
  });
}

const larger = toSize('100');

/** What every ApprovalAuthority and its verifier keep to. */
export const approvalContract: readonly ContractCase<MakeApprovalAuthority>[] = [
  scenario('default: a minted order passes once and gives back the frozen intent', ({ order, spend }) => {
    const outcome = spend(order);
    assert.ok(outcome.ok);
    assert.equal(canonicalJson(outcome.intent), canonicalJson(exampleOrderIntent()));
    assert.ok(Object.isFrozen(outcome.intent) && Object.isFrozen(outcome.authorization));
    assert.equal(outcome.authorization.decisionId, 'decision-1');
    assert.equal(outcome.authorization.expiresAtMs - outcome.authorization.issuedAtMs, 10_000);
    assert.equal(code(spend(order)), 'approval.spent');
  }),
  scenario(
    'behavior: a copy that says the same is the same authorisation: it passes, and then neither does',
    ({ order, spend }) => {
      assert.equal(code(spend(structuredClone(order))), 'ok');
      assert.equal(code(spend(order)), 'approval.spent');
      assert.equal(code(spend(JSON.parse(JSON.stringify(order)))), 'approval.spent');
    },
  ),
  scenario('behavior: all who ask the authority for its verifier share what is spent', ({ authority, order }) => {
    assert.equal(code(authority.verifier().spend(order, 'user-1')), 'ok');
    assert.equal(code(authority.verifier().spend(order, 'user-1')), 'approval.spent');
  }),
  scenario('behavior: a refused order is not spent', ({ order, spend }) => {
    assert.equal(code(spend(order, 'user-2')), 'approval.wrong-user');
    assert.equal(code(spend(order)), 'ok');
  }),
  scenario(
    'behavior: the minted order is frozen, and the intent it was made of has no hold on it',
    ({ authority, spend }) => {
      const intent = { ...exampleOrderIntent() };
      const order = authority.mint(intent, 'decision-2');
      intent.size = larger;
      assert.throws(() => Object.assign(order.intent, { size: larger }), TypeError);
      assert.throws(() => Object.assign(order.authorization, { userId: 'user-2' }), TypeError);
      assert.throws(() => Object.assign(order, { intent }), TypeError);
      const outcome = spend(order);
      assert.ok(outcome.ok);
      assert.equal(outcome.intent.size, '0.01');
    },
  ),
  scenario(
    'behavior: it holds until its last millisecond and not beyond',
    async ({ clock, authority, order, spend }) => {
      const later = authority.mint(exampleOrderIntent(), 'decision-2');
      await clock.advanceBy(9_999);
      assert.equal(code(spend(order)), 'ok');
      await clock.advanceBy(1);
      assert.equal(code(spend(later)), 'approval.expired');
      assert.equal(code(spend(order)), 'approval.expired');
    },
  ),
  scenario(
    'behavior: it ends when it was told to at the latest, and never later than its lifetime',
    async ({ clock, authority, spend }) => {
      const expiresAtMs = clock.nowMs() + 4_000;
      const [first, second] = [1, 2].map(() => authority.mint(exampleOrderIntent(), 'decision-2', { expiresAtMs }));
      const longest = authority.mint(exampleOrderIntent(), 'decision-3', { expiresAtMs: clock.nowMs() + 60_000 });
      assert.ok(first !== undefined && second !== undefined);
      assert.equal(first.authorization.expiresAtMs, expiresAtMs);
      assert.equal(longest.authorization.expiresAtMs, clock.nowMs() + 10_000);
      await clock.advanceBy(3_999);
      assert.equal(code(spend(first)), 'ok');
      await clock.advanceBy(1);
      assert.equal(code(spend(second)), 'approval.expired');
    },
  ),
  scenario('error: made by hand', ({ order, spend, stranger }) => {
    for (const nothing of [
      undefined,
      null,
      1,
      'order',
      {},
      [],
      { intent: order.intent },
      { authorization: order.authorization },
    ]) {
      assert.equal(code(spend(nothing)), 'approval.missing');
    }
    assert.equal(code(spend({ intent: order.intent, authorization: {} })), 'approval.missing');
    const [first] = order.authorization.signature;
    const signature = `${first === 'A' ? 'B' : 'A'}${order.authorization.signature.slice(1)}`;
    assert.equal(code(spend({ ...order, authorization: { ...order.authorization, signature } })), 'approval.forged');
    assert.equal(code(spend(stranger.mint(exampleOrderIntent(), 'decision-1'))), 'approval.forged');
    assert.equal(code(spend(order)), 'ok');
  }),
  scenario('error: any field of the authorisation changed', ({ order, spend, stranger }) => {
    const other = stranger.mint(exampleOrderIntent({ size: larger, userId: 'user-2' }), 'decision-9').authorization;
    const changes: readonly object[] = [
      { id: `${order.authorization.id}0` },
      { decisionId: other.decisionId },
      { userId: other.userId },
      { contentHash: other.contentHash },
      { issuedAtMs: startAtMs - 1 },
      { expiresAtMs: startAtMs + 10_001 },
      { signature: other.signature },
      { algorithm: order.authorization.algorithm === 'ed25519' ? 'hmac-sha256' : 'ed25519' },
    ];
    for (const change of changes) {
      assert.equal(code(spend({ ...order, authorization: { ...order.authorization, ...change } })), 'approval.forged');
    }
    assert.equal(code(spend({ ...order, authorization: { ...order.authorization, extra: 1 } })), 'approval.missing');
  }),
  scenario('error: any member of the intent changed, added or taken away', ({ order, spend }) => {
    const changes: Partial<
      Record<keyof OrderIntent | 'extra', DecimalString | string | boolean | number | undefined>
    >[] = [
      { size: larger },
      { side: 'sell' },
      { price: undefined },
      { reduceOnly: true },
      { leverage: 30 },
      { leverage: Number.NaN },
      { venue: 'hyperliquid' },
      { userId: 'user-2' },
      { clientOrderId: 'ffffffffffffffffffffffffffffffff' },
      { tradeId: 'trade-1' },
      { extra: 'member' },
    ];
    for (const change of changes) {
      assert.equal(code(spend({ ...order, intent: { ...order.intent, ...change } })), 'approval.altered');
    }
    assert.equal(code(spend({ ...order, intent: [order.intent] })), 'approval.altered');
  }),
  scenario('error: the authorisation of one order on another', ({ authority, order, spend }) => {
    const other = authority.mint(exampleOrderIntent({ size: larger }), 'decision-2');
    assert.equal(code(spend({ intent: other.intent, authorization: order.authorization })), 'approval.altered');
  }),
  scenario('error: members lent by a prototype', ({ order, spend }) => {
    assert.equal(code(spend(Object.create(order))), 'approval.missing');
    assert.equal(code(spend({ ...order, intent: Object.create(order.intent) })), 'approval.altered');
    assert.equal(code(spend({ ...order, authorization: Object.create(order.authorization) })), 'approval.missing');
    const polluted = Object.defineProperty({ ...order.intent }, '__proto__', {
      value: { size: larger },
      enumerable: true,
    });
    assert.equal(code(spend({ ...order, intent: polluted })), 'approval.altered');
  }),
  scenario('error: getters and proxies that change their answer between two reads', ({ order, spend }) => {
    const outcome = spend({ ...order, intent: shifting(order.intent, 'size', [order.intent.size, larger]) });
    assert.ok(outcome.ok);
    assert.equal(outcome.intent.size, '0.01');
    assert.equal(outcome.intent.size, '0.01');
  }),
  scenario('error: a getter that first shows another intent', ({ authority, order, spend }) => {
    const intents = [{ ...order.intent, size: larger }, order.intent];
    assert.equal(code(spend(shifting(order, 'intent', intents))), 'approval.altered');
    let reads = 0;
    const proxied = new Proxy(
      { ...order.intent },
      { get: (target, name) => (name === 'size' && reads++ > 0 ? larger : Reflect.get(target, name)) },
    );
    const outcome = spend({ ...order, intent: proxied });
    assert.ok(outcome.ok);
    assert.equal(outcome.intent.size, '0.01');
    const userId = ['user-1', 'user-2'];
    const stolen = authority.mint(exampleOrderIntent({ userId: 'user-2' }), 'decision-3');
    assert.equal(code(spend({ ...stolen, intent: shifting(stolen.intent, 'userId', userId) })), 'approval.altered');
  }),
  scenario('error: members that throw', ({ order, spend }) => {
    const throwing = Object.defineProperty({ ...order }, 'intent', {
      enumerable: true,
      get: () => {
        throw new Error('gotcha');
      },
    });
    assert.equal(code(spend(throwing)), 'approval.missing');
    const { proxy, revoke } = Proxy.revocable({ ...order }, {});
    revoke();
    assert.equal(code(spend(proxy)), 'approval.missing');
  }),
  scenario('error: minted for another user', ({ authority, spend }) => {
    const order = authority.mint(exampleOrderIntent({ userId: 'user-2' }), 'decision-2');
    assert.equal(code(spend(order, 'user-1')), 'approval.wrong-user');
    assert.equal(code(spend(order, 'user-2')), 'ok');
  }),
  scenario('error: the refusals come in their order', async ({ clock, order, spend }) => {
    assert.equal(code(spend(order)), 'ok');
    await clock.advanceBy(10_000);
    const altered = { ...order, intent: { ...order.intent, size: larger } };
    const forged = { ...altered, authorization: { ...order.authorization, decisionId: 'x' } };
    assert.equal(code(spend({ ...forged, authorization: undefined }, 'user-2')), 'approval.missing');
    assert.equal(code(spend(forged, 'user-2')), 'approval.forged');
    assert.equal(code(spend(altered, 'user-2')), 'approval.altered');
    assert.equal(code(spend(order, 'user-2')), 'approval.expired');
  }),
  scenario('error: an intent that does not fit its schema is not minted', ({ authority }) => {
    for (const leverage of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      assert.throws(() => authority.mint(exampleOrderIntent({ leverage }), 'decision-2'), { code: 'order.invalid' });
    }
    assert.throws(() => authority.mint(exampleOrderIntent({ clientOrderId: 'mine' }), 'decision-2'), {
      code: 'order.invalid',
    });
  }),
];
