import { type Random, SeededRandom } from '@perpdesk/core';
import type { Fault, FaultKind, FaultRule } from './fault-rule.ts';

/** Options of {@link FaultScript}. */
export interface FaultScriptOptions {
  readonly rules?: readonly FaultRule[];
  /** What chance is drawn from. The same seed strikes the same requests in the same order. Default 1. */
  readonly seed?: string | number;
}

interface LiveRule {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

const defaultDelaysMs: Partial<Record<FaultKind, number>> = { latency: 100, late: 30_000 };
const defaultMessages: Partial<Record<FaultKind, string>> = {
  halted: 'Trading is halted.',
  rejected: 'Insufficient margin to place order. asset=0',
};

/** Decides which requests go wrong and how, by rules and a seed; rules can come and go while the exchange runs. */
export class FaultScript {
  /** Every fault that struck, oldest first. */
  readonly struck: Fault[] = [];
  readonly #random: Random;
  #rules: LiveRule[] = [];

  constructor(options: FaultScriptOptions = {}) {
    this.#random = new SeededRandom(options.seed ?? 1);
    for (const rule of options.rules ?? []) this.add(rule);
  }

  /** Adds a rule; returns its removal. */
  add(rule: FaultRule): () => void {
    const live: LiveRule = { rule, seen: 0, struck: 0 };
    this.#rules.push(live);
    return () => {
      this.#rules = this.#rules.filter((candidate) => candidate !== live);
    };
  }

  /** Takes every rule away. */
  heal(): void {
    this.#rules = [];
  }

  /** The fault that strikes something now: the first rule that applies and whose chance falls. Latency adds to another. */
  strike(verb: string, group: 'exchange' | 'info' | 'push'): readonly Fault[] {
    const faults: Fault[] = [];
    for (const live of this.#rules) {
      const isLatency = live.rule.kind === 'latency';
      if (faults.some((fault) => (fault.kind === 'latency') === isLatency)) continue;
      if (this.#falls(live, verb, group)) faults.push(this.#made(live, verb));
    }
    this.struck.push(...faults);
    return faults;
  }

  #falls(live: LiveRule, verb: string, group: string): boolean {
    const { verbs = ['exchange'], probability = 1, times = Infinity, skip = 0 } = live.rule;
    if (!verbs.includes(verb) && !verbs.includes(group)) return false;
    live.seen += 1;
    if (live.seen <= skip || live.struck >= times) return false;
    return probability >= 1 || this.#random.next() < probability;
  }

  #made(live: LiveRule, verb: string): Fault {
    live.struck += 1;
    const { kind, delayMs, message } = live.rule;
    const [from, to] = typeof delayMs === 'object' ? delayMs : [delayMs, delayMs];
    const delay = from ?? defaultDelaysMs[kind] ?? 0;
    return {
      kind,
      verb,
      delayMs: to === undefined || to === from ? delay : delay + Math.floor(this.#random.next() * (to - delay + 1)),
      message: message ?? defaultMessages[kind] ?? '',
    };
  }
}
