import type { JournalEvent } from '@perpdesk/core/api';
import { showPercent, showPrice, showSignedUsd } from './format.ts';

type Members = Readonly<Record<string, unknown>>;

/** A short text from the members that most payloads have. Payloads are shown as text, never as markup. */
export function describeEvent({ payload, key }: JournalEvent['event']): string {
  const outer = members(payload);
  const inner = ['order', 'position', 'signal', 'round'].map((name) => members(outer[name])).find(isFull) ?? outer;
  const rejection = members(outer.rejection ?? inner.rejection);
  const subject = text(inner.market) ?? text(inner.instrumentId) ?? key;
  const parts = [
    [
      text(outer.agent) ?? text(inner.agent),
      subject.split('@')[0],
      text(inner.side) ?? text(inner.direction),
      size(inner),
    ],
    [text(inner.confidence) === undefined ? undefined : showPercent(Number(inner.confidence))],
    [outer.fill === undefined ? undefined : `at ${showPrice(Number(members(outer.fill).price))}`],
    [text(outer.outcome), text(outer.reason), text(outer.state), text(rejection.code)],
    [Number(outer.realizedPnl ?? 0) === 0 ? undefined : showSignedUsd(String(outer.realizedPnl))],
    [text(rejection.message) ?? text(outer.message)],
  ];
  return parts
    .map((part) => part.filter((word) => word !== undefined).join(' '))
    .filter((part) => part !== '')
    .join(', ');
}

const isFull = (value: Members): boolean => Object.keys(value).length > 0;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
const size = (value: Members): string | undefined => text(value.size);
const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
