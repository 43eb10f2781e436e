import type { Random } from '@perpdesk/core';
import { coveredMs, drawRefusals, type Refusal } from './request-storm.ts';

/** What can be wrong for a while. */
export const spanNames = [
  'request storm',
  'venue halted',
  'positions fail',
  'positions empty',
  'socket cut',
  'database down',
  'bus down',
  'thin book',
] as const;
export type SpanName = (typeof spanNames)[number];

/** What can be wrong with one request or one update. */
export const strikeNames = [
  'lost before',
  'lost after',
  '503 after',
  'late request',
  'late answer',
  'rejected',
  'read failed',
  'update dropped',
  'update repeated',
  'update reordered',
] as const;
export type StrikeName = (typeof strikeNames)[number];

/** How long a fault of a span lasts, ms: shortest and longest. */
const lengths: Readonly<Record<SpanName, readonly [number, number]>> = {
  'request storm': [60_000, 180_000],
  'venue halted': [15_000, 60_000],
  'positions fail': [10_000, 60_000],
  'positions empty': [5_000, 60_000],
  'socket cut': [2_000, 45_000],
  'database down': [1_000, 40_000],
  'bus down': [1_000, 20_000],
  'thin book': [60_000, 200_000],
};

export interface Span {
  readonly name: SpanName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What goes wrong in a run, all of it drawn from the seed: each run has some kinds of fault and not others. */
export class FaultScript {
  readonly spans: readonly Span[];
  /** When the storms among them refuse everything. */
  readonly refusals: readonly Refusal[];
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  readonly #rates: ReadonlyMap<StrikeName, number>;
  readonly #nowMs: () => number;
  readonly #droppedAtMs: number[] = [];
  #healed = false;

  constructor(options: {
    readonly random: Random;
    /** Draws how its storms go. */
    readonly storms: Random;
    readonly fromMs: number;
    readonly toMs: number;
    readonly nowMs: () => number;
  }) {
    const { fromMs, nowMs, random, storms, toMs } = options;
    this.#random = random;
    this.#nowMs = nowMs;
    this.#rates = new Map(
      strikeNames.map((name) => [name, random.next() < 0.6 ? 0 : rates[name] * (0.3 + random.next())]),
    );
    const spans: Span[] = [];
    for (const name of spanNames) {
      if (random.next() < 0.55) continue;
      const [shortest, longest] = lengths[name];
      for (let left = 1 + Math.floor(random.next() * 2); left > 0; left -= 1) {
        const startMs = Math.floor(fromMs + random.next() * (toMs - fromMs));
        const endMs = Math.min(toMs, Math.floor(startMs + shortest + random.next() * (longest - shortest)));
        spans.push({ name, fromMs: startMs, toMs: endMs });
      }
    }
    this.spans = spans;
    this.refusals = spans.flatMap((span) =>
      span.name === 'request storm' ? drawRefusals(storms, span.fromMs, span.toMs) : [],
    );
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.#healed = true;
  }

  /** True while a fault lasts. */
  lasts(name: SpanName): boolean {
    if (this.#healed) return false;
    const nowMs = this.#nowMs();
    return this.spans.some((span) => span.name === name && span.fromMs <= nowMs && nowMs < span.toMs);
  }

  /** Draws whether a fault strikes, and counts it. */
  strikes(name: StrikeName): boolean {
    const rate = this.#rates.get(name) ?? 0;
    if (this.#healed || rate === 0 || this.#random.next() >= rate) return false;
    this.count(name);
    if (name === 'update dropped') this.#droppedAtMs.push(this.#nowMs());
    return true;
  }

  /** True when an update was dropped of late. */
  droppedWithin(ms: number): boolean {
    const nowMs = this.#nowMs();
    return this.droppedBetween(nowMs - ms, nowMs);
  }

  droppedBetween(fromMs: number, toMs: number): boolean {
    return this.#droppedAtMs.some((atMs) => fromMs <= atMs && atMs <= toMs);
  }

  /** The refusal that keeps a request from being taken now, counted; undefined while requests are taken. */
  throttle(): Refusal | undefined {
    if (this.#healed) return undefined;
    const nowMs = this.#nowMs();
    const refusal = this.refusals.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
    if (refusal !== undefined) this.count('429');
    return refusal;
  }

  /** For how much of a time the venue would have taken no order, whatever was sent, ms. */
  closedMs(fromMs: number, toMs: number): number {
    return coveredMs(this.#closed(), fromMs, toMs);
  }

  /** The first instant from one on at which the venue takes orders and answers. */
  takesFromMs(atMs: number): number {
    let fromMs = atMs;
    for (const { fromMs: beginMs, toMs } of this.#closed().toSorted((a, b) => a.fromMs - b.fromMs))
      if (beginMs <= fromMs && fromMs < toMs) fromMs = toMs;
    return fromMs;
  }

  #closed(): readonly { readonly fromMs: number; readonly toMs: number }[] {
    return [...this.refusals, ...this.spans.filter(({ name }) => name === 'venue halted')];
  }

  count(name: string, times = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times);
  }

  /** A whole number in [from, to), drawn. */
  between(from: number, to: number): number {
    return Math.floor(from + this.#random.next() * (to - from));
  }
}

/** How often a kind strikes where a run has it. */
const rates: Readonly<Record<StrikeName, number>> = {
  'lost before': 0.05,
  'lost after': 0.06,
  '503 after': 0.05,
  'late request': 0.04,
  'late answer': 0.05,
  rejected: 0.04,
  'read failed': 0.06,
  'update dropped': 0.02,
  'update repeated': 0.08,
  'update reordered': 0.08,
};
