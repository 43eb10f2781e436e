import { Decimal, type Fill, type InstrumentId } from '@perpdesk/core';

const mostFills = 50_000;

/**
 * The fills of one account as far as they are known, each once, whichever way they came. Positions and accounts are told
 * with sums that venues do not give; these are of the fills here.
 */
export class FillTape {
  readonly #ids = new Set<string>();
  /** Oldest first. */
  readonly #fills: Fill[] = [];
  readonly #nets = new Map<InstrumentId, Decimal>();
  /** What filled of each order of the venue. */
  readonly #filled = new Map<string, Decimal>();
  #fees = new Decimal(0);
  #realizedPnl = new Decimal(0);
  /** When the newest of those that were forgotten was: what is as old was taken in. */
  #forgottenMs = Number.NEGATIVE_INFINITY;

  /** Adds a fill; false when it was known. */
  add(fill: Fill): boolean {
    if (this.#ids.has(fill.id) || fill.atMs <= this.#forgottenMs) return false;
    let place = this.#fills.length;
    while (place > 0 && (this.#fills[place - 1]?.atMs ?? 0) > fill.atMs) place -= 1;
    this.#fills.splice(place, 0, fill);
    this.#ids.add(fill.id);
    this.#nets.set(fill.instrumentId, this.net(fill.instrumentId).plus(signed(fill)));
    this.#filled.set(fill.venueOrderId, this.filled(fill.venueOrderId).plus(fill.size));
    this.#fees = this.#fees.plus(fill.fee);
    this.#realizedPnl = this.#realizedPnl.plus(fill.realizedPnl);
    if (this.#fills.length > mostFills) this.#forgetOldest();
    return true;
  }

  /** When the newest one was; undefined when there is none. */
  lastAtMs(): number | undefined {
    return this.#fills.at(-1)?.atMs;
  }

  /** Fills since an instant, oldest first. */
  since(sinceMs: number): readonly Fill[] {
    let place = this.#fills.length;
    while (place > 0 && (this.#fills[place - 1]?.atMs ?? 0) >= sinceMs) place -= 1;
    return this.#fills.slice(place);
  }

  /** Sums of fees and realised profit. */
  sums(): { readonly fees: Decimal; readonly realizedPnl: Decimal } {
    return { fees: this.#fees, realizedPnl: this.#realizedPnl };
  }

  /** What all fills of an instrument come to: bought above zero, sold below. */
  net(instrumentId: InstrumentId): Decimal {
    return this.#nets.get(instrumentId) ?? new Decimal(0);
  }

  /** The instruments with fills. */
  instruments(): readonly InstrumentId[] {
    return [...this.#nets.keys()];
  }

  /** True of a fill that is known. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** How much of an order of the venue filled. */
  filled(venueOrderId: string): Decimal {
    return this.#filled.get(venueOrderId) ?? new Decimal(0);
  }

  /** How much of an order of ours filled under ids of the venue that came before this one. */
  filledBefore(clientOrderId: string, venueOrderId: string): Decimal {
    return this.#fills.reduce(
      (sum, fill) =>
        fill.clientOrderId === clientOrderId && fill.venueOrderId !== venueOrderId ? sum.plus(fill.size) : sum,
      new Decimal(0),
    );
  }

  /**
   * When a position of this signed size was opened and what it realised since: back along the fills to where it was flat.
   * Undefined instant when its opening is older than what is known.
   */
  opening(
    instrumentId: InstrumentId,
    signedSize: Decimal,
  ): { readonly atMs: number | undefined; readonly realizedPnl: Decimal } {
    let left = signedSize;
    let realizedPnl = new Decimal(0);
    for (let place = this.#fills.length - 1; place >= 0; place -= 1) {
      const fill = this.#fills[place];
      if (fill?.instrumentId !== instrumentId) continue;
      left = left.minus(signed(fill));
      // The fill that turned it belongs to this position with what it opened, and what it realised to the one before.
      const turned = !left.isZero() && left.isNegative() !== signedSize.isNegative();
      if (turned) return { atMs: fill.atMs, realizedPnl };
      realizedPnl = realizedPnl.plus(fill.realizedPnl);
      if (left.isZero()) return { atMs: fill.atMs, realizedPnl };
    }
    return { atMs: undefined, realizedPnl };
  }

  #forgetOldest(): void {
    const oldest = this.#fills.shift();
    if (oldest === undefined) return;
    this.#ids.delete(oldest.id);
    const left = this.filled(oldest.venueOrderId).minus(oldest.size);
    if (left.isZero()) this.#filled.delete(oldest.venueOrderId);
    else this.#filled.set(oldest.venueOrderId, left);
    this.#forgottenMs = oldest.atMs;
  }
}

const signed = ({ side, size }: Fill): Decimal => (side === 'buy' ? new Decimal(size) : new Decimal(size).negated());
