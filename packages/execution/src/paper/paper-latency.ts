import { SeededRandom } from '@perpdesk/core';
import type { PaperRules } from './paper-context.ts';

/** How long an order, or its cancellation, takes to arrive: the latency and a share of the jitter that its id gives, always the same. */
export function latencyOf(rules: PaperRules, act: 'place' | 'cancel', clientOrderId: string): number {
  const { latencyMs, cancelLatencyMs, latencyJitterMs, latencySeed } = rules;
  const base = act === 'place' ? latencyMs : cancelLatencyMs;
  if (latencyJitterMs === 0) return base;
  const random = new SeededRandom(`${latencySeed}:${act}:${clientOrderId}`);
  return base + Math.floor(random.next() * (latencyJitterMs + 1));
}
