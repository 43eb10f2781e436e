import type { Authorization } from '../ports/approved-order.ts';
import { authorizationSchema } from './authorization-schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What was handed in, read once: from here on nobody can change what is judged. */
export interface OrderSnapshot {
  readonly intent: Fields;
  readonly authorization: Authorization;
}

/**
 * Reads an order that may be anything: hand-made, a proxy, an object whose getters answer differently each time. Each
 * member is read exactly once, own members only. Undefined when it is not an order with a whole authorisation.
 */
export function snapshotOrder(order: unknown): OrderSnapshot | undefined {
  try {
    const members = readOnce(order);
    const intent = readOnce(members?.intent);
    const authorization = authorizationSchema.safeParse(readOnce(members?.authorization));
    return intent !== undefined && authorization.success ? { intent, authorization: authorization.data } : undefined;
  } catch {
    // A getter or proxy trap that throws: whatever this is, it is not an approved order.
    return undefined;
  }
}

function readOnce(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Record<string, unknown> = Object.create(null);
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'symbol') return undefined;
    fields[name] = Reflect.get(value, name);
  }
  return fields;
}
