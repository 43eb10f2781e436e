import { type OrderIntent, orderIntentSchema, type Rejection, type RejectionCode } from '@perpdesk/core';
import { refusal, valueAt } from '../decision/refusal.ts';
import { exact } from '../exact/exact.ts';

/** An intent that can be judged, or why not. */
export type ParsedIntent =
  | { readonly ok: true; readonly intent: OrderIntent }
  | { readonly ok: false; readonly rejection: Rejection };

const codes: Readonly<Record<string, RejectionCode>> = {
  size: 'size.invalid',
  price: 'price.invalid',
  triggerPrice: 'price.invalid',
  stopLoss: 'price.invalid',
  instrumentId: 'instrument.unknown',
  leverage: 'leverage.limit',
};

/**
 * Reads an intent from anywhere: schema, sizes and prices above zero, a leverage that is finite, what its type needs. What
 * comes back is a copy: nobody can change it after it was judged.
 */
export function parseIntent(value: unknown): ParsedIntent {
  const parsed = orderIntentSchema.safeParse(withoutUndefined(value));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = String(issue?.path[0] ?? 'order');
    const found = valueAt(value, issue?.path ?? []);
    return refuse(
      codes[field] ?? 'order.invalid',
      `The order's ${field} is not usable.`,
      issue?.message ?? 'valid',
      found,
    );
  }
  const intent = parsed.data;
  for (const field of ['size', 'price', 'triggerPrice', 'stopLoss'] as const) {
    const amount = intent[field];
    if (amount !== undefined && !exact(amount).greaterThan(0)) {
      return refuse(codes[field] ?? 'order.invalid', `The order's ${field} must be above zero.`, 'above 0', amount);
    }
  }
  if (intent.leverage !== undefined && !Number.isFinite(intent.leverage)) {
    return refuse('leverage.limit', 'A leverage is finite.', 'finite', String(intent.leverage));
  }
  const needed = intent.type === 'limit' ? 'price' : intent.type === 'market' ? undefined : 'triggerPrice';
  if (needed !== undefined && intent[needed] === undefined) {
    return refuse('price.invalid', `A ${intent.type} order needs its ${needed}.`, needed, 'none');
  }
  return flagsRefused(intent) ?? { ok: true, intent };
}

/** Only entries add risk, and only orders that are reduce-only can be anything else. */
function flagsRefused({ purpose, reduceOnly, origin }: OrderIntent): ParsedIntent | undefined {
  if (purpose !== 'entry' && !reduceOnly)
    return refuse('reduce-only.violated', `A ${purpose} order must be reduce-only.`, 'reduce-only', 'not');
  if (purpose === 'entry' && reduceOnly)
    return refuse('order.invalid', 'An entry can not be reduce-only.', 'not reduce-only', 'reduce-only');
  if (origin === 'kill-switch' && purpose === 'entry')
    return refuse('order.invalid', 'The kill switch enters nothing.', 'an exit', 'an entry');
  return undefined;
}

const refuse = (code: RejectionCode, message: string, limit: string, actual: string): ParsedIntent => ({
  ok: false,
  rejection: refusal(code, message, limit, actual),
});

/** A member that is undefined is one that is not there: plain JavaScript makes no difference. */
const withoutUndefined = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
    : value;
