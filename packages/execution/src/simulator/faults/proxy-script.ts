import { type Random, SeededRandom } from '@perpdesk/core';
import type { ProxyFaultKind, ProxyOccasion, ProxyRule } from './proxy-rule.ts';

/** A fault of a proxy that struck. */
export interface StruckProxyFault {
  readonly kind: ProxyFaultKind;
  readonly on: ProxyOccasion['on'];
  readonly delayMs: number;
}

/** Decides what a proxy does to which message, by rules and a seed. */
export class ProxyScript {
  /** Oldest first. */
  readonly struck: StruckProxyFault[] = [];
  readonly #random: Random;
  #rules: { readonly rule: ProxyRule; seen: number; struck: number }[] = [];

  constructor(rules: readonly ProxyRule[], seed: string | number) {
    this.#random = new SeededRandom(seed);
    for (const rule of rules) this.add(rule);
  }

  /** Adds a rule; returns its removal. */
  add(rule: ProxyRule): () => void {
    const live = { rule, seen: 0, struck: 0 };
    this.#rules.push(live);
    return () => {
      this.#rules = this.#rules.filter((candidate) => candidate !== live);
    };
  }

  heal(): void {
    this.#rules = [];
  }

  strike(occasion: ProxyOccasion): StruckProxyFault | undefined {
    for (const live of this.#rules) {
      const { rule } = live;
      if (rule.on !== undefined && rule.on !== occasion.on) continue;
      if (occasion.on === 'socket' && (rule.direction ?? 'to-client') !== occasion.direction) continue;
      if (rule.containing !== undefined && !occasion.text.includes(rule.containing)) continue;
      live.seen += 1;
      if (live.seen <= (rule.skip ?? 0) || live.struck >= (rule.times ?? Infinity)) continue;
      if (rule.probability !== undefined && this.#random.next() >= rule.probability) continue;
      live.struck += 1;
      const delayMs = rule.delayMs ?? (rule.kind === 'drip' ? 1 : 100);
      const fault = { kind: rule.kind, on: occasion.on, delayMs };
      this.struck.push(fault);
      return fault;
    }
    return undefined;
  }
}
