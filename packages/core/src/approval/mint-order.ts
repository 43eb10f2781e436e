import type { Clock } from '../clock/clock.ts';
import { type OrderIntent, orderIntentSchema } from '../domain/order.ts';
import { ConfigError } from '../errors/config-error.ts';
import { ValidationError } from '../errors/validation-error.ts';
import type { IdGenerator } from '../ids/id-generator.ts';
import type { ApprovedOrder, Authorization } from '../ports/approved-order.ts';
import { contentHash, signedText } from './authorization-content.ts';
import { longestLifetimeMs } from './authorization-schema.ts';

/** What every authority is made of. */
export interface ApprovalAuthorityOptions {
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** How long an authorisation holds. Default and at most 10,000 ms. */
  readonly lifetimeMs?: number;
}

/** The lifetime asked for, or the default. @throws ConfigError `approval.lifetime` outside 1 to 10,000 ms. */
export function lifetimeOf({ lifetimeMs = longestLifetimeMs }: ApprovalAuthorityOptions): number {
  if (!Number.isInteger(lifetimeMs) || lifetimeMs < 1 || lifetimeMs > longestLifetimeMs) {
    throw new ConfigError(
      'approval.lifetime',
      `An authorisation lives 1 to ${longestLifetimeMs} ms, got ${lifetimeMs}.`,
    );
  }
  return lifetimeMs;
}

/**
 * Makes an approved order of a copy of the intent, frozen with its authorisation.
 * @throws ValidationError `order.invalid` naming the first member that does not fit.
 */
export function mintOrder(
  options: {
    readonly clock: Clock;
    readonly ids: IdGenerator;
    readonly lifetimeMs: number;
    readonly algorithm: Authorization['algorithm'];
    /** When it ends at the latest. Default: after its lifetime. */
    readonly expiresAtMs?: number;
    /** Signs a text, base64url. */
    readonly sign: (text: string) => string;
  },
  intent: OrderIntent,
  decisionId: string,
): ApprovedOrder {
  const parsed = orderIntentSchema.safeParse(intent);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ValidationError(
      'order.invalid',
      `The order's ${issue?.path.join('.') || 'content'} does not fit: ${issue?.message}.`,
    );
  }
  const content = Object.freeze(parsed.data);
  const issuedAtMs = options.clock.nowMs();
  const unsigned: Authorization = {
    id: options.ids.next('authorization'),
    decisionId,
    userId: content.userId,
    contentHash: contentHash(content),
    issuedAtMs,
    expiresAtMs: Math.min(issuedAtMs + options.lifetimeMs, options.expiresAtMs ?? Number.POSITIVE_INFINITY),
    algorithm: options.algorithm,
    signature: '',
  };
  const authorization = Object.freeze({ ...unsigned, signature: options.sign(signedText(unsigned)) });
  return Object.freeze({ intent: content, authorization }) as ApprovedOrder;
}
