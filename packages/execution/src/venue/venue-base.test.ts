import {
  type Account,
  type ApprovedOrder,
  type CancelOutcome,
  type Fill,
  type Instrument,
  type Order,
  type OrderIntent,
  type PlaceOutcome,
  type Position,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toSize,
  zeroSize,
} from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { exampleOrderIntent } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import type { OutboundMismatch } from './outbound-ledger.ts';
import { VenueBase, type VenueBaseOptions } from './venue-base.ts';

/** A venue whose wire is a list, with a script for how sending goes. */
class WireVenue extends VenueBase {
  readonly capabilities = {
    kind: 'live',
    amend: false,
    protection: 'order',
    marginModes: ['isolated'],
    postOnly: true,
    clientOrderIds: 'not-enforced',
    maxBatch: 2,
    nativeProtection: 'order',
    cancelAll: 'one-by-one',
    deadMansSwitch: 'none',
    landsLateByMs: 0,
  } as const;
  readonly wire: OrderIntent[] = [];
  readonly listed: Instrument[] = [exampleInstrument()];
  script: (intent: OrderIntent, venue: WireVenue) => Promise<PlaceOutcome> = (intent, venue) => venue.transmit(intent);
  ill: string | undefined;

  async transmit(intent: OrderIntent): Promise<PlaceOutcome> {
    this.depart(intent);
    this.wire.push(intent);
    const order: Order = { ...intent, status: 'open', filledSize: zeroSize, createdAtMs: 0, updatedAtMs: 0 };
    return { outcome: 'accepted', order };
  }

  instruments(): readonly Instrument[] {
    return this.listed;
  }
  unhealthy(): string | undefined {
    return this.ill;
  }
  protected send(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.script(intent, this);
  }
  protected async sendCancel(): Promise<CancelOutcome> {
    throw new Error('socket closed');
  }
  fetchOrder = async (): Promise<undefined> => undefined;
  fetchOpenOrders = async (): Promise<readonly Order[]> => [];
  fetchPositions = async (): Promise<readonly Position[]> => [];
  fetchFills = async (): Promise<readonly Fill[]> => [];
  fetchAccount = async (): Promise<Account> => {
    throw new Error('not needed');
  };
  watch = () => () => {};
}

function setUp(options: Partial<VenueBaseOptions> = {}) {
  const clock = new SimulatedClock({ startAtMs: 1_000_000 });
  const authority = new HmacApprovalAuthority({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('venue') }),
  });
  const mismatches: OutboundMismatch[] = [];
  const venue = new WireVenue({
    name: 'paper',
    clock,
    verifier: authority.verifier(),
    onMismatch: (mismatch) => {
      mismatches.push(mismatch);
    },
    ...options,
  });
  let made = 0;
  const intent = (changes: Partial<OrderIntent> = {}): OrderIntent => {
    made += 1;
    return exampleOrderIntent({ clientOrderId: made.toString(16).padStart(32, '0'), ...changes });
  };
  const mint = (changes: Partial<OrderIntent> = {}): ApprovedOrder => authority.mint(intent(changes), 'decision-1');
  const code = (outcome: PlaceOutcome): string =>
    outcome.outcome === 'rejected' ? outcome.rejection.code : outcome.outcome;
  return { clock, authority, venue, mismatches, intent, mint, code };
}
/** What plain JavaScript can do: hand in anything. */
const plain = (order: unknown): ApprovedOrder => order as ApprovedOrder;

describe('VenueBase', () => {
  it('default: an approved order leaves once, as it was authorised, and is in the ledger', async () => {
    const { venue, mint, code } = setUp();
    const order = mint();
    expect(code(await venue.place(order))).toBe('accepted');
    expect(venue.wire).toEqual([order.intent]);
    expect(venue.departures()).toEqual([
      {
        act: 'place',
        clientOrderId: order.intent.clientOrderId,
        userId: 'user-1',
        authorizationId: order.authorization.id,
        decisionId: 'decision-1',
        contentHash: order.authorization.contentHash,
        atMs: 1_000_000,
      },
    ]);
  });

  it('error: hand-made, altered, copied, expired and stolen orders are refused in plain JavaScript', async () => {
    const { venue, mint, intent, code, clock } = setUp();
    const stranger = setUp();
    const order = mint();
    const larger = { ...order.intent, size: toSize('9') };
    let reads = 0;
    const shifty = {
      authorization: order.authorization,
      get intent() {
        reads += 1;
        return reads > 2 ? larger : order.intent;
      },
    };
    const outcomes = [
      await venue.place(plain(undefined)),
      await venue.place(plain({ intent: intent() })),
      await venue.place(stranger.mint()),
      await venue.place(plain({ intent: larger, authorization: order.authorization })),
      await venue.place(
        plain({
          intent: { ...order.intent, userId: 'user-2' },
          authorization: { ...order.authorization, userId: 'user-2' },
        }),
      ),
    ];
    expect(outcomes.map(code)).toEqual([
      'approval.missing',
      'approval.missing',
      'approval.forged',
      'approval.altered',
      'approval.forged',
    ]);
    expect(code(await venue.place(plain(shifty)))).toBe('accepted');
    expect(venue.wire.map(({ size }) => size)).toEqual([order.intent.size]);
    expect(code(await venue.place(order))).toBe('approval.spent');
    const old = mint();
    await clock.advanceBy(10_000);
    expect(code(await venue.place(old))).toBe('approval.expired');
    expect(venue.wire.length).toBe(1);
  });

  it('error: what the venue does not take is refused before anything leaves', async () => {
    const { venue, mint, code } = setUp();
    venue.listed.push(exampleInstrument({ id: 'INV-PERP@hyperliquid', contract: 'inverse' }));
    venue.listed.push(exampleInstrument({ id: 'OFF-PERP@hyperliquid', status: 'halted' }));
    const cases: readonly [Partial<OrderIntent>, string][] = [
      [{ venue: 'elsewhere' }, 'venue.none'],
      [{ instrumentId: 'DOGE-PERP@hyperliquid' }, 'instrument.unknown'],
      [{ instrumentId: 'INV-PERP@hyperliquid' }, 'settlement.unsupported'],
      [{ instrumentId: 'OFF-PERP@hyperliquid' }, 'instrument.not-trading'],
      [{ size: toSize('0') }, 'size.invalid'],
      [{ size: toSize('0.0005') }, 'size.invalid'],
      [{ size: toSize('0.001'), price: toPrice('100') }, 'size.below-minimum'],
      [{ price: toPrice('61250.05') }, 'price.invalid'],
      [{ price: toPrice('-1') }, 'price.invalid'],
      [{ triggerPrice: toPrice('60000') }, 'order.invalid'],
      [{ type: 'stop-market', triggerPrice: toPrice('60000') }, 'order.invalid'],
      [{ type: 'market', timeInForce: 'post-only' }, 'order.invalid'],
      [{ marginMode: 'cross' }, 'margin-mode.not-permitted'],
    ];
    for (const [changes, expected] of cases)
      expect([changes, code(await venue.place(mint(changes)))]).toEqual([changes, expected]);
    expect(venue.wire).toEqual([]);
    expect(code(await venue.place(mint({ reduceOnly: true, size: toSize('0.001'), price: toPrice('100') })))).toBe(
      'accepted',
    );
  });

  it('behavior: a failure before the wire is a rejection, after it the outcome is unknown', async () => {
    const { venue, mint } = setUp();
    venue.script = async () => {
      throw new Error('no route');
    };
    expect(await venue.place(mint())).toEqual({
      outcome: 'rejected',
      rejection: { code: 'venue.unhealthy', message: 'The order was not sent: no route' },
    });
    venue.script = async (intent, wire) => {
      await wire.transmit(intent);
      throw new Error('socket closed');
    };
    expect(await venue.place(mint())).toEqual({ outcome: 'unknown', reason: 'socket closed' });
    expect(await venue.cancel('user-1', 'a'.repeat(32))).toEqual({ outcome: 'unknown', reason: 'socket closed' });
  });

  it('error: an adapter that sends again, something else, or on its own, halts trading at the first try', async () => {
    const misdeeds: readonly [
      string,
      (intent: OrderIntent, venue: WireVenue) => Promise<PlaceOutcome>,
      string,
      number,
    ][] = [
      [
        'sent-twice',
        async (intent, venue) => {
          await venue.transmit(intent);
          return venue.transmit(intent);
        },
        'unknown',
        1,
      ],
      ['altered', (intent, venue) => venue.transmit({ ...intent, size: toSize('9') }), 'trading.halted', 0],
      ['altered', (intent, venue) => venue.transmit({ ...intent, reduceOnly: true }), 'trading.halted', 0],
      [
        'unauthorised',
        (intent, venue) => venue.transmit({ ...intent, clientOrderId: 'f'.repeat(32) }),
        'trading.halted',
        0,
      ],
      ['unrecorded', async (intent) => ({ outcome: 'unknown', reason: intent.clientOrderId }), 'unknown', 0],
    ];
    for (const [kind, script, outcome, sent] of misdeeds) {
      const { venue, mint, code, mismatches } = setUp();
      venue.script = script;
      expect([kind, code(await venue.place(mint())), venue.wire.length]).toEqual([kind, outcome, sent]);
      expect(mismatches.map((mismatch) => mismatch.kind)).toEqual([kind]);
      venue.script = (intent) => venue.transmit(intent);
      expect(code(await venue.place(mint()))).toBe('trading.halted');
      expect(code(await venue.place(mint({ reduceOnly: true })))).toBe('accepted');
    }
    const { venue, intent, mismatches } = setUp();
    await expect(venue.transmit(intent())).rejects.toMatchObject({ code: 'outbound.mismatch' });
    expect([mismatches[0]?.kind, venue.wire.length]).toEqual(['unauthorised', 0]);
  });

  it('behavior: a halt that can not be passed on still holds here', async () => {
    const { venue, mint, code } = setUp({
      onMismatch: () => {
        throw new Error('switch down');
      },
    });
    venue.script = (intent) => venue.transmit({ ...intent, size: toSize('9') });
    expect(code(await venue.place(mint()))).toBe('trading.halted');
    venue.script = (intent) => venue.transmit(intent);
    expect(code(await venue.place(mint()))).toBe('trading.halted');
  });

  it('behavior: new risk is asked about once more at the wire, and held back by what was halted since', async () => {
    let halted = false;
    const rejection = { code: 'trading.halted', message: 'Trading is halted.' } as const;
    const { venue, mint, code } = setUp({ mayLeave: () => (halted ? rejection : undefined) });
    const exit = { reduceOnly: true, purpose: 'exit', side: 'sell' } as const;
    expect(code(await venue.place(mint()))).toBe('accepted');
    venue.script = async (intent, wire) => {
      // It waited for its turn, and trading was halted meanwhile.
      halted = true;
      return wire.transmit(intent);
    };
    expect(await venue.place(mint())).toEqual({ outcome: 'rejected', rejection });
    const batch = await venue.placeAll([mint(), mint(exit), mint()]);
    expect(batch.map(code)).toEqual(['trading.halted', 'accepted', 'trading.halted']);
    expect(venue.wire.map(({ reduceOnly }) => reduceOnly)).toEqual([false, true]);
    expect(venue.departures()).toHaveLength(2);
  });

  it('behavior: an unhealthy venue takes no new risk and lets exits go', async () => {
    const { venue, mint, code } = setUp();
    venue.ill = 'The socket is down.';
    expect(code(await venue.place(mint()))).toBe('venue.unhealthy');
    expect(code(await venue.place(mint({ reduceOnly: true })))).toBe('accepted');
  });

  it('error: an adapter can not replace the acting methods, and amending needs the capability', async () => {
    class Bypass extends WireVenue {
      override async place(): Promise<PlaceOutcome> {
        return { outcome: 'unknown', reason: 'who knows' };
      }
    }
    const { clock, authority, venue, mint } = setUp();
    expect(() => new Bypass({ name: 'paper', clock, verifier: authority.verifier() })).toThrow(/overrides place/);
    await expect(venue.amend(mint())).rejects.toMatchObject({ code: 'venue.amend-unsupported' });
  });

  it('behavior: several orders leave in batches, each verified, each with an outcome of its own', async () => {
    const { venue, mint, code, intent } = setUp();
    const fine = mint();
    const outcomes = await venue.placeAll([
      fine,
      plain({ intent: intent() }),
      fine,
      mint(),
      mint({ size: toSize('0') }),
      mint(),
    ]);
    expect(outcomes.map(code)).toEqual([
      'accepted',
      'approval.missing',
      'approval.spent',
      'accepted',
      'size.invalid',
      'accepted',
    ]);
    expect(venue.wire).toHaveLength(3);
    expect(venue.departures()).toHaveLength(3);
  });

  it('error: what fails in a batch is unknown where it left, rejected where it did not', async () => {
    const { venue, mint, mismatches } = setUp();
    let sent = 0;
    venue.script = async (intent, wire) => {
      sent += 1;
      if (sent === 1) await wire.transmit(intent);
      throw new Error('socket closed');
    };
    const outcomes = await venue.placeAll([mint(), mint()]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unknown', 'rejected']);
    expect(mismatches).toEqual([]);
  });

  it('behavior: the expiry of the authorisation is handed to the adapter', async () => {
    const { venue, mint } = setUp();
    const given: number[] = [];
    Object.assign(venue, {
      send: async (intent: OrderIntent, { expiresAtMs }: { expiresAtMs: number }) => {
        given.push(expiresAtMs);
        return venue.transmit(intent);
      },
    });
    await venue.place(mint());
    await venue.placeAll([mint()]);
    expect(given).toEqual([1_010_000, 1_010_000]);
  });

  it('behavior: cancelling all goes on past one that fails, and says so', async () => {
    const { venue, intent } = setUp();
    const canceled: string[] = [];
    const orders = [1, 2, 3].map(() => ({
      ...intent(),
      status: 'open' as const,
      filledSize: zeroSize,
      createdAtMs: 0,
      updatedAtMs: 0,
    }));
    venue.fetchOpenOrders = async () => orders;
    Object.assign(venue, {
      sendCancel: async (_: string, clientOrderId: string): Promise<CancelOutcome> => {
        canceled.push(clientOrderId);
        if (canceled.length === 2) throw new Error('socket closed');
        return { outcome: 'accepted' };
      },
    });
    expect((await venue.cancelAll('user-1')).outcome).toBe('unknown');
    expect(canceled).toEqual(orders.map(({ clientOrderId }) => clientOrderId));
    expect((await venue.cancelAll('user-1', 'ETH-PERP@paper')).outcome).toBe('accepted');
    expect(canceled).toHaveLength(3);
    venue.fetchOpenOrders = async () => {
      throw new Error('no answer');
    };
    expect((await venue.cancelAll('user-1')).outcome).toBe('unknown');
  });

  it('error: a bracket needs the capability', async () => {
    const { venue, mint } = setUp();
    await expect(venue.placeAll([mint()], { bracket: true })).rejects.toMatchObject({
      code: 'venue.bracket-unsupported',
    });
  });
});
