import type { FundingRate, InstrumentId, Liquidation, OpenInterest } from '@perpdesk/core';
import { OpenInterestTrack } from './open-interest-track.ts';
import { Ring } from './ring.ts';

/** How much is kept of each kind, per instrument. */
export interface DerivativesCapacity {
  readonly funding: number;
  /** Minutes. */
  readonly openInterest: number;
  readonly liquidations: number;
}

/** Funding, open interest and liquidations by instrument, in bounded rings. */
export class DerivativesBoard {
  readonly #capacity: DerivativesCapacity;
  readonly #funding = new Map<InstrumentId, Ring<FundingRate>>();
  readonly #openInterest = new Map<InstrumentId, OpenInterestTrack>();
  readonly #liquidations = new Map<InstrumentId, Ring<Liquidation>>();

  constructor(capacity: DerivativesCapacity) {
    this.#capacity = capacity;
  }

  /** One rate per settlement: a newer word on one replaces the older, a prediction never what was settled. */
  addFunding(rate: FundingRate): void {
    const ring = ringOf(this.#funding, rate.instrumentId, this.#capacity.funding);
    let back = 0;
    for (let known = ring.newest(); known !== undefined && known.settlesAtMs > rate.settlesAtMs; ) {
      back += 1;
      known = ring.newest(back);
    }
    const same = ring.newest(back);
    if (same?.settlesAtMs === rate.settlesAtMs) {
      if (same.predicted || !rate.predicted) ring.replaceNewest(back, rate);
    } else if (back === 0) ring.push(rate);
  }

  addOpenInterest(value: OpenInterest): void {
    const { instrumentId } = value;
    const known = this.#openInterest.get(instrumentId);
    const track = known ?? new OpenInterestTrack(instrumentId, this.#capacity.openInterest);
    if (known === undefined) this.#openInterest.set(instrumentId, track);
    track.add(value);
  }

  addLiquidation(liquidation: Liquidation): void {
    ringOf(this.#liquidations, liquidation.instrumentId, this.#capacity.liquidations).push(liquidation);
  }

  funding(id: InstrumentId, limit: number): readonly FundingRate[] {
    return this.#funding.get(id)?.last(limit) ?? [];
  }

  openInterest(id: InstrumentId, limit: number): readonly OpenInterest[] {
    return this.#openInterest.get(id)?.last(limit) ?? [];
  }

  liquidationsSince(id: InstrumentId, fromMs: number): readonly Liquidation[] {
    const ring = this.#liquidations.get(id);
    return ring?.last(ring.length).filter(({ exchangeAtMs }) => exchangeAtMs > fromMs) ?? [];
  }
}

/** The ring of an instrument, made when it is first needed. */
export function ringOf<Item>(rings: Map<InstrumentId, Ring<Item>>, id: InstrumentId, capacity: number): Ring<Item> {
  const known = rings.get(id);
  if (known !== undefined) return known;
  const created = new Ring<Item>(capacity);
  rings.set(id, created);
  return created;
}
