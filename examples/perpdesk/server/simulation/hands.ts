import {
  type Clock,
  Decimal,
  floorToLot,
  type Instrument,
  type OrderIntent,
  type Random,
  toSize,
  type User,
} from '@perpdesk/core';
import type { FaultScript } from './fault-script.ts';
import type { SimulatedWorld } from './simulated-world.ts';
import type { VenueAudit } from './venue-audit.ts';

/** Options of {@link Hands}. */
export interface HandsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly world: SimulatedWorld;
  readonly audit: VenueAudit;
  readonly faults: FaultScript;
  readonly users: readonly User[];
  readonly instruments: readonly Instrument[];
}

/** What users do at the venue's own page, beside the desk: remove a stop, close a position, open one. */
export class Hands {
  readonly #options: HandsOptions;
  /** When somebody last traded by hand, by user. */
  readonly tradedAtMs = new Map<string, number>();

  constructor(options: HandsOptions) {
    this.#options = options;
  }

  /** Does one of them, drawn. */
  async act(): Promise<void> {
    const { random } = this.#options;
    const drawn = random.next();
    if (drawn < 0.4) await this.removeStop();
    else if (drawn < 0.75) await this.close();
    else await this.open();
  }

  async removeStop(): Promise<void> {
    const { audit, faults, world } = this.#options;
    const stop = this.#draw(
      [...audit.accounts.values()].flatMap(({ live }) =>
        [...live.values()].filter(({ type }) => type === 'stop-market'),
      ),
    );
    if (stop === undefined) return;
    faults.count('stop removed by hand');
    await world.venue.cancel(stop.userId, stop.clientOrderId);
  }

  async close(): Promise<void> {
    const { audit } = this.#options;
    const held = this.#draw(
      [...audit.accounts.values()].flatMap(({ held: positions, userId }) =>
        [...positions].flatMap(([instrumentId, { size }]) => (size.isZero() ? [] : [{ userId, instrumentId, size }])),
      ),
    );
    const instrument = this.#options.instruments.find(({ id }) => id === held?.instrumentId);
    if (held === undefined || instrument === undefined) return;
    const whole = this.#options.random.next() < 0.6;
    const part = floorToLot(instrument.lotSize, toSize(held.size.abs().times(0.4)));
    const size = whole || new Decimal(part).isZero() ? toSize(held.size.abs()) : part;
    this.#options.faults.count(whole ? 'closed by hand' : 'closed in part by hand');
    await this.#place(held.userId, instrument, held.size.isPositive() ? 'sell' : 'buy', size, true);
  }

  async open(): Promise<void> {
    const { faults, instruments, random, users, world } = this.#options;
    const user = this.#draw(users);
    const instrument = this.#draw(instruments);
    const mark = instrument && world.mark(instrument.id);
    if (user === undefined || instrument === undefined || mark === undefined) return;
    faults.count('opened by hand');
    this.tradedAtMs.set(user.id, this.#options.clock.nowMs());
    const size = floorToLot(instrument.lotSize, toSize(new Decimal(150).dividedBy(mark)));
    await this.#place(user.id, instrument, random.next() < 0.5 ? 'buy' : 'sell', size, false);
  }

  async #place(
    userId: string,
    instrument: Instrument,
    side: 'buy' | 'sell',
    size: OrderIntent['size'],
    reduceOnly: boolean,
  ): Promise<void> {
    const { audit, random, world } = this.#options;
    const clientOrderId = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16)).join('');
    audit.byHand(clientOrderId);
    await world.venue.place(
      world.authority.mint(
        {
          ...{ clientOrderId, userId, venue: world.venue.name, instrumentId: instrument.id, side, size, reduceOnly },
          ...{ type: 'market', timeInForce: 'ioc', origin: 'manual', purpose: reduceOnly ? 'exit' : 'entry' },
        },
        'by-hand',
      ),
    );
  }

  #draw<One>(all: readonly One[]): One | undefined {
    return all[Math.floor(this.#options.random.next() * all.length)];
  }
}
