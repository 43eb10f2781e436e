import { Decimal, type InstrumentId, type Position } from '@perpdesk/core';
import { isKnownFill } from './fill-cursor.ts';
import type { HeldPosition } from './held-position.ts';
import type { AccountReading, VenueAccount } from './venue-account.ts';

/**
 * How long a venue must have shown nothing of a position before that is believed without a fill that explains it. What is
 * believed too late costs nothing; believed too early, the stop of a position that stands is cancelled.
 */
const confirmMs = 60_000;

/**
 * An empty answer is not flat: a position that a venue does not show any more, and whose going no fill explains, stays until
 * the venue has said the same for a minute, or has refused to reduce it for there is nothing.
 */
export class AbsenceDoubt {
  readonly #sinceMs = new Map<InstrumentId, number>();
  readonly #refuted = new Set<InstrumentId>();

  /** Notes that the venue found nothing to reduce. */
  refute(instrumentId: InstrumentId): void {
    this.#refuted.add(instrumentId);
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
    for (const id of shown) this.#refuted.delete(id);
    const absent = account
      .allHeld()
      .filter((held) => !shown.has(held.instrumentId) && !isExplained(held, account, reading));
    for (const id of this.#sinceMs.keys())
      if (!absent.some(({ instrumentId }) => instrumentId === id)) this.#sinceMs.delete(id);
    return absent
      .filter(({ instrumentId }) => {
        if (told.has(instrumentId) || this.#refuted.delete(instrumentId)) return false;
        const sinceMs = this.#sinceMs.get(instrumentId) ?? nowMs;
        this.#sinceMs.set(instrumentId, sinceMs);
        return nowMs < sinceMs + confirmMs;
      })
      .map(({ position }) => position);
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
