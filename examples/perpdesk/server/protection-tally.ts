import { Decimal, type DomainEvent, type Position, type Protection } from '@perpdesk/core';

/** For how long a part of a position may stand without a stop (PRODUCT §3: 10 s at most, then a market exit). */
export const uncoveredLimitMs = 10_000;

interface Held {
  size: string;
  /** Since when a part of it has had no stop. */
  uncoveredSinceMs: number | undefined;
  counted: boolean;
}

type Place = Pick<Position, 'userId' | 'venue' | 'instrumentId'>;

/**
 * Counts, from the journal alone, the positions that were ever unprotected: without a whole stop for longer than the limit,
 * closed for that reason, or without one at the end. Each counts once.
 */
export class ProtectionTally {
  readonly #held = new Map<string, Held>();
  /** By place, not by position: the first stop may be told before the opening is. */
  readonly #stopSizes = new Map<string, string>();
  #counted = 0;

  /** Takes up positions that are open already. */
  begin(positions: readonly (Position & { readonly protection: Protection })[], atMs: number): void {
    for (const position of positions) {
      this.#stopSizes.set(keyOf(position), position.protection.stopSize);
      this.#resize(position, atMs);
    }
  }

  add(event: DomainEvent): void {
    switch (event.type) {
      case 'position.opened':
      case 'position.changed':
        this.#resize(event.payload, event.atMs);
        break;
      case 'protection.changed': {
        this.#stopSizes.set(keyOf(event.payload), event.payload.protection.stopSize);
        this.#look(keyOf(event.payload), event.atMs);
        break;
      }
      case 'position.closed':
        this.#close(event.payload.position, event.payload.reason === 'unprotected', event.atMs);
        break;
      default:
        break;
    }
  }

  /** How many there were, those included that lack a stop now. */
  count(atMs: number): number {
    let lacking = 0;
    for (const [key, held] of this.#held) {
      this.#look(key, atMs);
      if (!held.counted && held.uncoveredSinceMs !== undefined) lacking += 1;
    }
    return this.#counted + lacking;
  }

  #resize(position: Position, atMs: number): void {
    const key = keyOf(position);
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, { size: position.size, uncoveredSinceMs: undefined, counted: false });
    else held.size = position.size;
    this.#look(key, atMs);
  }

  #close(position: Position, unprotected: boolean, atMs: number): void {
    const key = keyOf(position);
    const held = this.#held.get(key);
    if (held !== undefined) {
      this.#judge(held, atMs);
      if (unprotected) this.#countOnce(held);
    }
    this.#held.delete(key);
    this.#stopSizes.delete(key);
  }

  #look(key: string, atMs: number): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#judge(held, atMs);
    const covered = new Decimal(this.#stopSizes.get(key) ?? '0').greaterThanOrEqualTo(held.size);
    held.uncoveredSinceMs = covered ? undefined : (held.uncoveredSinceMs ?? atMs);
  }

  #judge(held: Held, atMs: number): void {
    if (held.uncoveredSinceMs !== undefined && atMs - held.uncoveredSinceMs > uncoveredLimitMs) this.#countOnce(held);
  }

  #countOnce(held: Held): void {
    if (!held.counted) this.#counted += 1;
    held.counted = true;
  }
}

const keyOf = ({ userId, venue, instrumentId }: Place): string => `${userId} ${venue} ${instrumentId}`;
