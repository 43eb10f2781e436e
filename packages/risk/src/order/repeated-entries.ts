import { marketOf, type OrderIntent } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

const hourMs = 3_600_000;

/** True for orders that no human asked for. */
export const isAutomated = (intent: OrderIntent): boolean =>
  intent.origin === 'agent' || intent.origin === 'api' || intent.origin === 'guard';

/** What joins the legs of one entry. */
export const tradeOf = (intent: OrderIntent): string => intent.tradeId ?? intent.signalId ?? intent.clientOrderId;

/** Automated entries of the last hour in a market, other than those of `trade`. */
export const otherEntries = (memory: RiskMemory, market: string, trade: string, atMs: number): number =>
  new Set(
    memory.entries
      .filter((entry) => entry.market === market && entry.trade !== trade && atMs - entry.atMs < hourMs)
      .map((entry) => entry.trade),
  ).size;

/** Remembers an automated entry and forgets those of more than an hour ago. */
export function withEntry(memory: RiskMemory, intent: OrderIntent, atMs: number): RiskMemory {
  const trade = tradeOf(intent);
  const recent = memory.entries.filter((entry) => atMs - entry.atMs < hourMs);
  const known = recent.some((entry) => entry.trade === trade);
  return { ...memory, entries: known ? recent : [...recent, { trade, market: marketOf(intent.instrumentId), atMs }] };
}

/** True when the order is the one entry too many: its market then waits for a human. */
export const trips = ({ intent, memory, atMs, orderLimits }: EntryInput): boolean =>
  isAutomated(intent) &&
  otherEntries(memory, marketOf(intent.instrumentId), tradeOf(intent), atMs) >= orderLimits.entriesPerHour;

/** So many automated trades of a user and market in an hour, then a human re-arms (`Brix.rearm`). People go on by hand. */
export const repeatedEntries: OrderControl<EntryInput> = {
  name: 'repeated-entries',
  check: (input) => {
    const market = marketOf(input.intent.instrumentId);
    if (!isAutomated(input.intent)) return undefined;
    const { entriesPerHour } = input.orderLimits;
    if (input.memory.tripped.includes(market)) {
      return refusal(
        'entries.throttled',
        `Automated entries in ${market} wait for a human to re-arm them.`,
        entriesPerHour,
        'tripped',
      );
    }
    const others = otherEntries(input.memory, market, tradeOf(input.intent), input.atMs);
    return others < entriesPerHour
      ? undefined
      : refusal(
          'entries.throttled',
          `Too many automated entries in ${market} within an hour.`,
          entriesPerHour,
          others + 1,
        );
  },
};
