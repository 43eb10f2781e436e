import { Decimal, type InstrumentId, type Position } from '@perpdesk/core';
import { isKnownFill } from './fill-cursor.ts';
import type { HeldPosition } from './held-position.ts';
import type { AccountReading, VenueAccount } from './venue-account.ts';

/**
 * How long a venue must have shown nothing of a position before that is believed without a fill that explains it. What is
 * believed too late costs nothing; believed too early, the stop of a position that stands is cancelled.
 */
const confirmMs = 60_000;

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
 * the venue has said the same for a minute, or has refused to reduce it as well, each more than once.
 */
export class AbsenceDoubt {
  readonly #sinceMs = new Map<InstrumentId, number>();
  readonly #refutations = new Map<InstrumentId, Refutation>();

  /** Notes that the venue found nothing to reduce of a position that is held. */
  refute({ instrumentId, number }: HeldPosition): void {
    const known = this.#refutations.get(instrumentId);
    if (known?.number === number) known.refusals += 1;
    else this.#refutations.set(instrumentId, { number, refusals: 1, absences: 0 });
  }

  /**
   * Positions that are held, that the reading does not show, and whose absence is not to be believed yet. Of those that were
   * told of since it began (`told`) it says nothing.
   */
  doubted(
    account: VenueAccount,
    reading: AccountReading,
    nowMs: number,
    told: ReadonlySet<InstrumentId>,
  ): readonly Position[] {
    const shown = new Set(reading.positions.map(({ instrumentId }) => instrumentId));
    for (const id of shown) this.#refutations.delete(id);
    const absent = account
      .allHeld()
      .filter((held) => !shown.has(held.instrumentId) && !isExplained(held, account, reading));
    for (const id of this.#sinceMs.keys())
      if (!absent.some(({ instrumentId }) => instrumentId === id)) this.#sinceMs.delete(id);
    return absent
      .filter(({ instrumentId, number }) => {
        if (told.has(instrumentId) || this.#isRefuted(instrumentId, number)) return false;
        const sinceMs = this.#sinceMs.get(instrumentId) ?? nowMs;
        this.#sinceMs.set(instrumentId, sinceMs);
        return nowMs < sinceMs + confirmMs;
      })
      .map(({ position }) => position);
  }

  /** Counts one more reading that does not show it. */
  #isRefuted(instrumentId: InstrumentId, number: number): boolean {
    const refutation = this.#refutations.get(instrumentId);
    if (refutation?.number !== number) return false;
    refutation.absences += 1;
    if (refutation.refusals < enoughOfEach || refutation.absences < enoughOfEach) return false;
    this.#refutations.delete(instrumentId);
    return true;
  }
}

/** True when fills, those of the reading included, have closed it. */
function isExplained({ instrumentId, position, size }: HeldPosition, account: VenueAccount, reading: AccountReading) {
  const left = reading.fills
    .filter((fill) => fill.instrumentId === instrumentId && !isKnownFill(account.cursor, fill))
    .reduce(
      (held, fill) =>
        (fill.side === 'buy') === (position.direction === 'long') ? held.plus(fill.size) : held.minus(fill.size),
      new Decimal(size),
    );
  return left.lessThanOrEqualTo(0);
}
