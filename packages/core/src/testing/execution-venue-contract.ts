import assert from 'node:assert/strict';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { Decimal, type Size, sum, toPrice, toSize } from '../decimal.ts';
import type { Fill } from '../domain/fill.ts';
import type { Instrument } from '../domain/instrument.ts';
import { isFinal, type Order, type OrderIntent } from '../domain/order.ts';
import type { ApprovalAuthority, ApprovedOrder } from '../ports/approved-order.ts';
import type { ExecutionVenue, PlaceOutcome, VenueUpdate } from '../ports/execution-venue.ts';
import type { ContractCase } from './contract-case.ts';
import { exampleOrderIntent } from './example-order-intent.ts';

/** A venue to be tested, with what moves its market. */
export interface ExecutionVenueHarness {
  readonly venue: ExecutionVenue;
  readonly clock: SimulatedClock;
  /** The authority whose verifier the venue has. */
  readonly authority: ApprovalAuthority;
  /** A linear instrument that trades here: tick 0.1 or finer, lot 0.01 or finer, minimum notional at most 10. */
  readonly instrument: Instrument;
  /** Two users with at least 1,000 of free margin and nothing else. */
  readonly users: readonly [string, string];
  /**
   * Moves the market of the instrument to these prices and lets the venue act on them: `depth` is shown and can be traded
   * at each touch (default: more than any case needs), the mark is between them.
   */
  quote(prices: { readonly bid: number; readonly ask: number; readonly depth?: number }): Promise<void>;
  /**
   * Lets time pass until the next funding instant of the instrument and settles it at this rate. Needed where the venue has
   * `fetchFunding`.
   */
  settleFunding?(rate: string): Promise<void>;
  /** Resolves when what has happened so far has been told to watchers. Default: when the clock is idle. */
  settled?(): Promise<void>;
  /** Ends the venue's process and gives another over the same accounts. */
  restart(): Promise<ExecutionVenue>;
  close(): Promise<void>;
}

/** Makes a venue whose market stands at 100 to 100.1. */
export type MakeExecutionVenue = () => Promise<ExecutionVenueHarness>;

interface Given extends ExecutionVenueHarness {
  readonly user: string;
  /** An intent with a client order id of its own: market buy of 1 at leverage 2, unless changed. */
  intent(changes?: Partial<OrderIntent>): OrderIntent;
  approve(changes?: Partial<OrderIntent>): ApprovedOrder;
  place(changes?: Partial<OrderIntent>): Promise<PlaceOutcome>;
  /** Places and expects it to be accepted. */
  accepted(changes?: Partial<OrderIntent>): Promise<OrderIntent>;
}

const exit = { side: 'sell', reduceOnly: true, purpose: 'exit' } as const;
const limit = { type: 'limit', timeInForce: 'gtc' } as const;
const forge = (order: unknown): ApprovedOrder => order as ApprovedOrder;
const code = (outcome: { readonly outcome: string; readonly rejection?: { readonly code: string } }): string =>
  outcome.rejection?.code ?? outcome.outcome;
const signedSize = (fills: readonly Fill[]): string =>
  fills
    .reduce((total, { side, size }) => (side === 'buy' ? total.plus(size) : total.minus(size)), new Decimal(0))
    .toFixed();

function scenario(name: string, run: (given: Given) => Promise<void>): ContractCase<MakeExecutionVenue> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      let made = 0;
      const intent: Given['intent'] = (changes = {}) => {
        made += 1;
        const { price: _, stopLoss: __, ...example } = exampleOrderIntent();
        return {
          ...example,
          clientOrderId: (0xabc000 + made).toString(16).padStart(32, '0'),
          userId: harness.users[0],
          venue: harness.venue.name,
          instrumentId: harness.instrument.id,
          type: 'market',
          size: toSize('1'),
          timeInForce: 'ioc',
          leverage: 2,
          ...changes,
        };
      };
      const approve: Given['approve'] = (changes) => harness.authority.mint(intent(changes), 'decision-1');
      const place: Given['place'] = (changes) => harness.venue.place(approve(changes));
      const accepted: Given['accepted'] = async (changes) => {
        const order = approve(changes);
        assert.equal(code(await harness.venue.place(order)), 'accepted');
        return order.intent;
      };
      try {
        await harness.quote({ bid: 100, ask: 100.1 });
        await run({ ...harness, user: harness.users[0], intent, approve, place, accepted });
      } finally {
        await harness.close();
      }
    },
  };
}

/** What a venue knows of an order; what we meant by it we know ourselves. */
const asVenuesTell = ({
  clientOrderId,
  venueOrderId,
  side,
  type,
  size,
  triggerPrice,
  reduceOnly,
  status,
  filledSize,
}: Order) => ({
  ...{ clientOrderId, venueOrderId, side, type, size, triggerPrice, reduceOnly, status, filledSize },
});

/** The size of a user's position on the instrument: negative when short, "0" when flat. */
async function held(given: ExecutionVenueHarness, user: string, venue: ExecutionVenue = given.venue): Promise<string> {
  const position = (await venue.fetchPositions(user)).find(({ instrumentId }) => instrumentId === given.instrument.id);
  if (position === undefined) return '0';
  return position.direction === 'long' ? position.size : `-${position.size}`;
}

/** What every ExecutionVenue does, run for the capabilities it declares. */
export const executionVenueContract: readonly ContractCase<MakeExecutionVenue>[] = [
  scenario(
    'default: a market order fills, and order, fills, position and account agree',
    async ({ venue, user, accepted, ...given }) => {
      const { clientOrderId } = await accepted();
      const order = await venue.fetchOrder(user, clientOrderId);
      assert.equal(order?.status, 'filled');
      const fills = await venue.fetchFills(user, 0);
      assert.equal(sum(fills.map(({ size }) => size)), '1');
      assert.ok(
        fills.every((fill) => fill.clientOrderId === clientOrderId && fill.venueOrderId === order.venueOrderId),
      );
      assert.equal(await held({ venue, ...given }, user), '1');
      const account = await venue.fetchAccount(user);
      assert.equal(account.fees, sum(fills.map(({ fee }) => fee)));
      const { deposits, realizedPnl, unrealizedPnl, fees, funding } = account;
      assert.equal(
        account.equity,
        new Decimal(deposits).plus(realizedPnl).plus(unrealizedPnl).minus(fees).plus(funding).toFixed(),
      );
    },
  ),

  scenario('default: a resting order is cancelled once, and then final', async ({ venue, user, accepted }) => {
    const { clientOrderId } = await accepted({ ...limit, price: toPrice('90') });
    assert.deepEqual(
      (await venue.fetchOpenOrders(user)).map((order) => [order.clientOrderId, order.status]),
      [[clientOrderId, 'open']],
    );
    assert.equal(code(await venue.cancel(user, clientOrderId)), 'accepted');
    assert.deepEqual(await venue.fetchOpenOrders(user), []);
    assert.equal((await venue.fetchOrder(user, clientOrderId))?.status, 'canceled');
    assert.equal((await venue.cancel(user, clientOrderId)).outcome, 'rejected');
    assert.equal((await venue.cancel(user, 'f'.repeat(32))).outcome, 'rejected');
  }),

  scenario(
    'behavior: amend replaces an open order under its client order id, or throws where it can not',
    async (given) => {
      const { venue, user, accepted, authority, quote } = given;
      await accepted();
      const stop = await accepted({ ...exit, type: 'stop-market', triggerPrice: toPrice('90'), timeInForce: 'gtc' });
      const amended = authority.mint({ ...stop, triggerPrice: toPrice('95'), size: toSize('0.6') }, 'decision-2');
      if (!venue.capabilities.amend) {
        await assert.rejects(venue.amend(amended));
        return;
      }
      assert.equal(code(await venue.amend(amended)), 'accepted');
      assert.equal(code(await venue.amend(amended)), 'approval.spent');
      const orders = await venue.fetchOpenOrders(user);
      assert.deepEqual(
        orders.map(({ clientOrderId, triggerPrice, size }) => [clientOrderId, triggerPrice, size]),
        [[stop.clientOrderId, '95', '0.6']],
      );
      await quote({ bid: 94, ask: 94.1 });
      assert.equal(await held(given, user), '0.4');
      assert.equal(code(await venue.amend(authority.mint(stop, 'decision-3'))), 'order.final');
    },
  ),

  scenario(
    'error: forged, altered, copied, expired and other users’ orders are refused in plain JavaScript',
    async (given) => {
      const { venue, users, approve, intent, clock, quote } = given;
      const [user, other] = users;
      const order = approve();
      const altered = { intent: { ...order.intent, size: toSize('2') }, authorization: order.authorization };
      const stolen = {
        intent: { ...order.intent, userId: other },
        authorization: { ...order.authorization, userId: other },
      };
      const forged = { intent: intent(), authorization: { ...order.authorization, signature: 'AAAA' } };
      for (const attempt of [undefined, {}, { intent: intent() }, altered, stolen, forged]) {
        assert.match(code(await venue.place(forge(attempt))), /^approval\.(missing|forged|altered|wrong-user)$/);
      }
      const first = await venue.place(order);
      assert.equal(first.outcome, 'accepted');
      assert.equal(code(await venue.place(order)), 'approval.spent');
      assert.equal(code(await venue.place(forge(structuredClone(order)))), 'approval.spent');
      const old = approve();
      await clock.advanceBy(10_000);
      await quote({ bid: 100, ask: 100.1 });
      assert.equal(code(await venue.place(old)), 'approval.expired');
      assert.deepEqual([await held(given, user), await held(given, other)], ['1', '0']);
    },
  ),

  scenario('behavior: several orders at once have an outcome each, and all can be cancelled at once', async (given) => {
    const { venue, user, approve, intent, authority } = given;
    const resting = { ...limit, price: toPrice('90') } as const;
    const one = authority.mint(intent(resting), 'decision-1');
    const orders = [one, approve({ ...limit, price: toPrice('91') }), approve({ size: toSize('0') }), one];
    const outcomes = await venue.placeAll(orders);
    assert.deepEqual(outcomes.map(code), ['accepted', 'accepted', 'size.invalid', 'approval.spent']);
    assert.deepEqual(
      (await venue.fetchOpenOrders(user)).map(({ clientOrderId }) => clientOrderId).sort(),
      orders
        .slice(0, 2)
        .map((order) => order.intent.clientOrderId)
        .sort(),
    );
    assert.equal(code(await venue.cancelAll(user, 'NOPE-PERP@nowhere')), 'accepted');
    assert.equal((await venue.fetchOpenOrders(user)).length, 2);
    assert.equal(code(await venue.cancelAll(user, given.instrument.id)), 'accepted');
    assert.deepEqual(await venue.fetchOpenOrders(user), []);
    assert.equal(code(await venue.cancelAll(user)), 'accepted');
    if (venue.capabilities.nativeProtection !== 'bracket')
      await assert.rejects(venue.placeAll([approve()], { bracket: true }));
  }),

  scenario('behavior: reduce-only closes at most the position, and never opens or turns one', async (given) => {
    const { place, accepted, user } = given;
    assert.equal(code(await place(exit)), 'reduce-only.violated');
    await accepted();
    assert.equal(code(await place({ ...exit, side: 'buy' })), 'reduce-only.violated');
    await accepted({ ...exit, size: toSize('0.4') });
    assert.equal(await held(given, user), '0.6');
    // Whether a larger one is clipped or refused is the venue's; that it does not turn the position is not.
    const outcome = await place({ ...exit, size: toSize('5') });
    assert.equal(await held(given, user), outcome.outcome === 'accepted' ? '0' : '0.6');
  }),

  scenario(
    'behavior: an order is found by its client order id, and a repeated id gives no second order',
    async (given) => {
      const { venue, user, accepted, authority } = given;
      assert.equal(await venue.fetchOrder(user, 'e'.repeat(32)), undefined);
      const done = await accepted();
      const open = await accepted({ ...limit, price: toPrice('90') });
      const repeat = async (intent: OrderIntent): Promise<string> =>
        code(await venue.place(authority.mint(intent, 'decision-2')));
      if (venue.capabilities.clientOrderIds !== 'not-enforced') assert.equal(await repeat(open), 'order.duplicate');
      if (venue.capabilities.clientOrderIds === 'unique-forever') {
        assert.equal(await repeat(done), 'order.duplicate');
        assert.equal(await held(given, user), '1');
      }
      assert.equal((await venue.fetchOrder(user, open.clientOrderId))?.status, 'open');
    },
  ),

  scenario(
    'behavior: what is not there is not filled: a partial fill rests or ends, and fills sum to the position',
    async (given) => {
      const { venue, user, accepted, quote } = given;
      await quote({ bid: 100, ask: 100.1, depth: 0.25 });
      const { clientOrderId } = await accepted({ ...limit, price: toPrice('100.1') });
      const order = await venue.fetchOrder(user, clientOrderId);
      assert.deepEqual([order?.status, order?.filledSize], ['partially-filled', '0.25']);
      assert.equal(await held(given, user), '0.25');
      await quote({ bid: 100, ask: 100.1, depth: 3 });
      const taken = await accepted({ size: toSize('2') });
      const market = await venue.fetchOrder(user, taken.clientOrderId);
      assert.ok(market !== undefined && isFinal(market.status));
      assert.equal(signedSize(await venue.fetchFills(user, 0)), await held(given, user));
    },
  ),

  scenario(
    'behavior: a protective stop rests at the venue, fires by the mark, and nothing is left behind it',
    async (given) => {
      const { venue, user, accepted, quote } = given;
      await accepted();
      const protective = { ...exit, timeInForce: 'gtc' } as const;
      const stop = await accepted({
        ...protective,
        type: 'stop-market',
        purpose: 'stop-loss',
        triggerPrice: toPrice('95'),
      });
      const target = await accepted({
        ...protective,
        type: 'take-profit-market',
        purpose: 'take-profit',
        triggerPrice: toPrice('110'),
      });
      assert.deepEqual(
        (await venue.fetchOpenOrders(user)).map(({ status }) => status),
        ['open', 'open'],
      );
      await quote({ bid: 94, ask: 94.1 });
      assert.equal(await held(given, user), '0');
      assert.equal((await venue.fetchOrder(user, stop.clientOrderId))?.status, 'filled');
      assert.equal((await venue.fetchOrder(user, target.clientOrderId))?.status, 'canceled');
      assert.deepEqual(await venue.fetchOpenOrders(user), []);
    },
  ),

  scenario(
    'behavior: a resting limit fills when the market trades beyond it, a short is the mirror of a long',
    async (given) => {
      const { venue, user, accepted, quote } = given;
      await accepted({ ...limit, side: 'sell', price: toPrice('105') });
      await quote({ bid: 106, ask: 106.1 });
      assert.equal(await held(given, user), '-1');
      const [position] = await venue.fetchPositions(user);
      assert.deepEqual([position?.direction, position?.entryPrice], ['short', '105']);
      await accepted({ side: 'buy', reduceOnly: true, purpose: 'exit' });
      const fills = await venue.fetchFills(user, 0);
      assert.equal((await venue.fetchAccount(user)).realizedPnl, sum(fills.map(({ realizedPnl }) => realizedPnl)));
      assert.equal(await held(given, user), '0');
    },
  ),

  scenario(
    'behavior: funding is told once, oldest first, since an instant; at a positive rate longs pay; the account counts it',
    async (given) => {
      const { venue, users, user, accepted, quote, settleFunding } = given;
      if (venue.fetchFunding === undefined) {
        assert.equal((await venue.fetchAccount(user)).funding, '0');
        return;
      }
      assert.ok(settleFunding !== undefined, 'a venue that tells funding is tested with settleFunding');
      assert.deepEqual(await venue.fetchFunding(user, 0), []);
      await accepted();
      await settleFunding('0.001');
      await quote({ bid: 100, ask: 100.1 });
      const [paid, ...others] = await venue.fetchFunding(user, 0);
      assert.ok(paid !== undefined && others.length === 0);
      assert.match(paid.amount, /^-0\.100?\d*$/);
      const { userId, venue: name, instrumentId } = paid;
      assert.deepEqual([userId, name, instrumentId], [user, venue.name, given.instrument.id]);
      await accepted({ side: 'sell', size: toSize('3') });
      await settleFunding('0.001');
      const payments = await venue.fetchFunding(user, 0);
      const received = payments[1];
      assert.ok(received !== undefined && received.id !== paid.id && received.atMs > paid.atMs);
      assert.match(received.amount, /^0\.200?\d*$/);
      assert.deepEqual(payments, [paid, received]);
      assert.deepEqual(await venue.fetchFunding(user, received.atMs), [received]);
      assert.deepEqual(await venue.fetchFunding(users[1], 0), []);
      const { deposits, realizedPnl, unrealizedPnl, fees, funding, equity } = await venue.fetchAccount(user);
      assert.equal(funding, sum([paid.amount, received.amount]));
      assert.equal(deposits, (await venue.fetchAccount(users[1])).deposits);
      assert.equal(
        equity,
        new Decimal(deposits).plus(realizedPnl).plus(unrealizedPnl).minus(fees).plus(funding).toFixed(),
      );
      assert.deepEqual(await (await given.restart()).fetchFunding?.(user, 0), payments);
    },
  ),

  scenario('behavior: post-only never takes, where the venue has it', async ({ venue, user, place }) => {
    const postOnly = { type: 'limit', timeInForce: 'post-only' } as const;
    const outcome = await place({ ...postOnly, price: toPrice('101') });
    if (!venue.capabilities.postOnly) assert.equal(code(outcome), 'order.invalid');
    assert.deepEqual(await venue.fetchFills(user, 0), []);
    if (venue.capabilities.postOnly)
      assert.equal((await place({ ...postOnly, price: toPrice('99') })).outcome, 'accepted');
  }),

  scenario(
    'error: unknown instruments, wrong ticks and lots and sizes below the minimum are refused, nothing is sent',
    async ({ venue, user, place }) => {
      const cases: readonly [Partial<OrderIntent>, string][] = [
        [{ instrumentId: 'NOPE-PERP@nowhere' }, 'instrument.unknown'],
        [{ venue: 'elsewhere' }, 'venue.none'],
        [{ size: toSize('0') }, 'size.invalid'],
        [{ size: toSize('1.000000001') }, 'size.invalid'],
        [{ ...limit, price: toPrice('99.000000001') }, 'price.invalid'],
        [{ ...limit, price: toPrice('0') }, 'price.invalid'],
        [limit, 'order.invalid'],
        [{ type: 'stop-market' }, 'order.invalid'],
      ];
      for (const [changes, expected] of cases)
        assert.deepEqual([changes, code(await place(changes))], [changes, expected]);
      assert.deepEqual(await venue.fetchOpenOrders(user), []);
      assert.deepEqual(await venue.fetchFills(user, 0), []);
    },
  ),

  scenario(
    'behavior: watchers hear of orders, fills and positions in order, and what they hear is readable then',
    async (given) => {
      const { venue, user, accepted } = given;
      const heard: VenueUpdate[] = [];
      const readable: Promise<boolean>[] = [];
      const settled = async (): Promise<void> => (given.settled === undefined ? given.clock.idle() : given.settled());
      const unsubscribe = venue.watch(user, (update) => {
        heard.push(update);
        if (update.kind === 'fill')
          readable.push(venue.fetchFills(user, 0).then((fills) => fills.some(({ id }) => id === update.fill.id)));
      });
      await settled();
      await accepted();
      await settled();
      const kinds = heard.map((update) => (update.kind === 'order' ? update.order.status : update.kind));
      assert.ok(kinds.indexOf('fill') > kinds.indexOf('open') || !kinds.includes('open'), kinds.join());
      assert.ok(kinds.lastIndexOf('position') > kinds.lastIndexOf('fill'), kinds.join());
      assert.deepEqual(new Set(await Promise.all(readable)), new Set([true]));
      unsubscribe();
      const before = heard.length;
      await accepted();
      await settled();
      assert.equal(heard.length, before);
    },
  ),

  scenario('behavior: users do not see or touch each other', async (given) => {
    const { venue, users, accepted } = given;
    const [user, other] = users;
    const strangers: VenueUpdate[] = [];
    venue.watch(other, (update) => strangers.push(update));
    await accepted();
    const { clientOrderId } = await accepted({ ...limit, price: toPrice('90') });
    assert.equal((await venue.cancel(other, clientOrderId)).outcome, 'rejected');
    assert.equal(await venue.fetchOrder(other, clientOrderId), undefined);
    assert.deepEqual([await venue.fetchOpenOrders(other), await venue.fetchFills(other, 0), strangers], [[], [], []]);
    assert.deepEqual([await held(given, user), await held(given, other)], ['1', '0']);
  }),

  scenario(
    'behavior: a restart keeps balances, positions, orders and ids, and what rests goes on working',
    async (given) => {
      const { venue, user, accepted, quote, authority } = given;
      const entry = await accepted();
      const stop = await accepted({
        ...exit,
        timeInForce: 'gtc',
        type: 'stop-market',
        purpose: 'stop-loss',
        triggerPrice: toPrice('95'),
      });
      const before = {
        account: await venue.fetchAccount(user),
        positions: await venue.fetchPositions(user),
        orders: (await venue.fetchOpenOrders(user)).map(asVenuesTell),
        fills: await venue.fetchFills(user, 0),
      };
      const again = await given.restart();
      assert.deepEqual(
        {
          account: await again.fetchAccount(user),
          positions: await again.fetchPositions(user),
          orders: (await again.fetchOpenOrders(user)).map(asVenuesTell),
          fills: await again.fetchFills(user, 0),
        },
        before,
      );
      assert.equal((await again.fetchOrder(user, entry.clientOrderId))?.status, 'filled');
      if (again.capabilities.clientOrderIds === 'unique-forever') {
        assert.equal(code(await again.place(authority.mint(entry, 'decision-2'))), 'order.duplicate');
      }
      await quote({ bid: 94, ask: 94.1 });
      assert.equal((await again.fetchOrder(user, stop.clientOrderId))?.status, 'filled');
      const ids = (await again.fetchFills(user, 0)).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      assert.equal(await held(given, user, again), zero);
    },
  ),
];

const zero: Size = toSize('0');
