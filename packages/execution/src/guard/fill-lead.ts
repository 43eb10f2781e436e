import type { Clock, Size } from '@perpdesk/core';
import type { Holding } from '../portfolio/portfolio.ts';
import { type PositionKey, positionKeyText } from './guard-store.ts';

/** For how long fills that were only heard count before the venue's word on what they left, ms. */
const heardForMs = 2_000;

/**
 * What there is to cover of a position while its fills are ahead of the venue's word: a stop that fires takes the position with
 * it, and is not missing. Heard fills count for two seconds, for one that was not heard may have made more of it; where all of
 * them were read, until the venue has said what stands.
 */
export class FillLead {
  readonly #clock: Clock;
  readonly #sinceMs = new Map<string, number>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** The size that is to be covered. */
  toCover(key: PositionKey, { ahead, filled, position }: Holding): Size {
    const text = positionKeyText(key);
    if (ahead === undefined) {
      this.#sinceMs.delete(text);
      return position.size;
    }
    const nowMs = this.#clock.nowMs();
    const sinceMs = this.#sinceMs.get(text) ?? nowMs;
    this.#sinceMs.set(text, sinceMs);
    return ahead === 'read' || nowMs < sinceMs + heardForMs ? filled : position.size;
  }

  forget(key: PositionKey): void {
    this.#sinceMs.delete(positionKeyText(key));
  }
}
