import { type Clock, Decimal, meter, type Position, type Size, toUsd, type Usd } from '@perpdesk/core';
import { type PositionKey, positionKeyText } from './guard-store.ts';

/** How long filled sizes have stood without a stop at their venue, and how much of them. */
export interface UnprotectedTime {
  /** Spells that are over: each from the fill that was not covered to the stop that covered it, or to the close. */
  readonly spells: number;
  /** Length of a spell, ms: the longest of the best half, of the best 99 %, of all. Of the newest 10,000; 0 without any. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Σ of unprotected notional × time over all spells, the running ones included, dollar seconds. */
  readonly usdSeconds: Usd;
  /** Spells that last. */
  readonly open: number;
}

interface Spell {
  readonly sinceMs: number;
  untilMs: number;
  uncovered: Decimal;
}

/** Spells kept for the percentiles. */
const keptSpells = 10_000;

/**
 * Measures how long positions stand without a whole stop: the integral of unprotected notional over time, and the length of
 * each spell. A spell begins when the size was filled, not when it was noticed.
 */
export class UnprotectedMeter {
  readonly #clock: Clock;
  readonly #running = new Map<string, Spell>();
  /** When each position was last seen to be covered. */
  readonly #coveredAtMs = new Map<string, number>();
  readonly #lengthsMs: number[] = [];
  readonly #duration: ReturnType<ReturnType<typeof meter>['createHistogram']>;
  #spells = 0;
  #usdSeconds = new Decimal(0);

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
    this.#duration = meter('execution').createHistogram('perpdesk.positions.unprotected.duration', {
      unit: 'ms',
      description: 'Time from a fill that no stop covered to the stop that did, or to the close',
    });
  }

  /** Takes in how much of a position no stop covers now, "0" when the whole is. */
  note(position: Position, uncovered: Size): void {
    const key = positionKeyText(position);
    const nowMs = this.#clock.nowMs();
    const size = new Decimal(uncovered);
    const running = this.#running.get(key);
    if (running !== undefined) this.#add(running, position.markPrice, nowMs);
    if (size.isZero()) {
      this.#coveredAtMs.set(key, nowMs);
      this.#end(key);
    } else if (running === undefined) {
      // What is not covered was filled after the last look that found all covered; unknown, with the last change at the venue.
      const sinceMs = Math.min(nowMs, Math.max(this.#coveredAtMs.get(key) ?? 0, position.updatedAtMs));
      const spell = { sinceMs, untilMs: sinceMs, uncovered: size };
      this.#running.set(key, spell);
      this.#add(spell, position.markPrice, nowMs);
    } else running.uncovered = size;
  }

  /** The position is gone. */
  forget(key: PositionKey): void {
    const text = positionKeyText(key);
    const running = this.#running.get(text);
    if (running !== undefined) running.untilMs = this.#clock.nowMs();
    this.#end(text);
    this.#coveredAtMs.delete(text);
  }

  summary(): UnprotectedTime {
    const sorted = this.#lengthsMs.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return {
      spells: this.#spells,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: sorted.at(-1) ?? 0,
      usdSeconds: toUsd(this.#usdSeconds.toDecimalPlaces(6)),
      open: this.#running.size,
    };
  }

  #add(spell: Spell, mark: Position['markPrice'], nowMs: number): void {
    this.#usdSeconds = this.#usdSeconds.plus(
      spell.uncovered
        .times(mark)
        .times(nowMs - spell.untilMs)
        .dividedBy(1_000),
    );
    spell.untilMs = nowMs;
  }

  #end(key: string): void {
    const spell = this.#running.get(key);
    if (spell === undefined) return;
    this.#running.delete(key);
    this.#spells += 1;
    const lengthMs = spell.untilMs - spell.sinceMs;
    this.#duration.record(lengthMs);
    this.#lengthsMs.push(lengthMs);
    if (this.#lengthsMs.length > keptSpells) this.#lengthsMs.shift();
  }
}
