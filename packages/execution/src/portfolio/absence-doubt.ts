import { Decimal, type InstrumentId, type Size } from '@perpdesk/core';
import { isKnownFill } from './fill-cursor.ts';
import type { HeldPosition } from './held-position.ts';
import type { AccountReading, VenueAccount } from './venue-account.ts';

/**
 * How long a venue must have shown nothing of a position before that is believed without a fill that explains it. What is
 * believed too late costs nothing; believed too early, the stop of a position that stands is cancelled.
 */
const confirmMs = 120_000;

/** After so long without a reading they begin anew: what was seen on both sides of a hole was not seen in it. */
const holeMs = 20_000;
/** So many readings that do not show it, and so many refusals to reduce it for there is nothing, are believed together at once. */
const enoughOfEach = 2;

/** How often a venue found nothing to reduce of one position, and did not show it since. */
interface Refutation {
  readonly number: number;
  refusals: number;
  absences: number;
}

/**
 * An empty answer is not flat: a position that a venue does not show any more, and whose going no fill explains, stays until
 * the venue has said the same again and again for two minutes, or has refused to reduce it as well, each more than once.
 */
export class AbsenceDoubt {
  readonly #absent = new Map<InstrumentId, { readonly sinceMs: number; readonly untilMs: number }>();
  readonly #refutations = new Map<InstrumentId, Refutation>();

  /** Notes that the venue found nothing to reduce of a position that is held. */
  refute({ instrumentId, number }: HeldPosition): void {
    const known = this.#refutations.get(instrumentId);
    if (known?.number === number) known.refusals += 1;
    else this.#refutations.set(instrumentId, { number, refusals: 1, absences: 0 });
  }

  /**
   * Instruments that are held, or come to be by the reading's own fills, that it does not show, and whose absence is not to be
   * believed yet. Of those that were told of since it began (`told`) it says nothing.
   */
  doubted(
    account: VenueAccount,
    reading: AccountReading,
    nowMs: number,
    told: ReadonlySet<InstrumentId>,
  ): readonly InstrumentId[] {
    const shown = new Set(reading.positions.map(({ instrumentId }) => instrumentId));
    for (const id of shown) this.#refutations.delete(id);
    const absent = [...standingAfter(account, reading)].flatMap(([id, stands]) => (stands && !shown.has(id) ? id : []));
    for (const id of this.#absent.keys()) if (!absent.includes(id)) this.#absent.delete(id);
    return absent.filter((id) => {
      if (told.has(id) || this.#isRefuted(id, account.held(id)?.number)) return false;
      const before = this.#absent.get(id);
      // By when the reading began: one that broke off and went on says what was so then.
      const sinceMs = before === undefined || reading.atMs > before.untilMs + holeMs ? nowMs : before.sinceMs;
      this.#absent.set(id, { sinceMs, untilMs: nowMs });
      return reading.atMs < sinceMs + confirmMs;
    });
  }

  /** Counts one more reading that does not show it. */
  #isRefuted(instrumentId: InstrumentId, number: number | undefined): boolean {
    const refutation = this.#refutations.get(instrumentId);
    if (refutation === undefined || refutation.number !== number) return false;
    refutation.absences += 1;
    if (refutation.refusals < enoughOfEach || refutation.absences < enoughOfEach) return false;
    this.#refutations.delete(instrumentId);
    return true;
  }
}

/** Whether anything is left of each instrument that is held or filled, by fills as they are booked, those of the reading included. */
function standingAfter(account: VenueAccount, { fills }: AccountReading): ReadonlyMap<InstrumentId, boolean> {
  const signed = (buys: boolean, size: Size): Decimal => (buys ? new Decimal(size) : new Decimal(size).negated());
  const left = new Map(
    account
      .allHeld()
      .map(({ instrumentId, position, size }) => [instrumentId, signed(position.direction === 'long', size)]),
  );
  for (const fill of fills) {
    if (isKnownFill(account.cursor, fill)) continue;
    const before = left.get(fill.instrumentId) ?? new Decimal(0);
    const after = before.plus(signed(fill.side === 'buy', fill.size));
    // One that takes more than what is held ends it; the next begins another.
    const ends = !before.isZero() && before.isPositive() !== after.isPositive();
    left.set(fill.instrumentId, ends ? new Decimal(0) : after);
  }
  return new Map([...left].map(([id, size]) => [id, !size.isZero()]));
}
