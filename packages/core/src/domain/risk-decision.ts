import * as z from 'zod';

/** Why Brix or a venue base refuses. Closed: adding one is a change of the public surface. */
export const rejectionCodes = [
  // pre-filter and state
  'balance.zero',
  'positions.maximum',
  'daily-loss.limit',
  'weekly-loss.limit',
  'drawdown.limit',
  'losses.cooling-off',
  'trading.halted',
  'trading.reducing',
  // routing and permission
  'venue.none',
  'venue.unhealthy',
  'instrument.unknown',
  'instrument.not-trading',
  'instrument.not-permitted',
  'settlement.unsupported',
  'margin-mode.not-permitted',
  'hedge-mode.unsupported',
  'basis.limit',
  // market data
  'market-data.missing',
  'market-data.stale',
  'market-data.invalid',
  // plan
  'recommendation.invalid',
  'recommendation.expired',
  'confidence.low',
  'geometry.invalid',
  'position.exists',
  'position.opposite',
  // sizing and limits
  'size.below-minimum',
  'size.invalid',
  'leverage.limit',
  'position-margin.limit',
  'total-margin.limit',
  'portfolio-risk.limit',
  'venue-exposure.limit',
  'first-trade.limit',
  'margin.insufficient',
  'order-notional.limit',
  'order-size.limit',
  'depth.limit',
  'operator.limit',
  'risk-version.conflict',
  'account.unknown',
  'limits.invalid',
  'risk-state.unavailable',
  // order controls
  'order.invalid',
  'price.collar',
  'price.invalid',
  'order.duplicate',
  'order.unknown',
  'order.final',
  'order.throttled',
  'entries.throttled',
  'order.self-match',
  'order.unresolved',
  'reduce-only.violated',
  'stop.missing',
  'stop.wrong-side',
  'stop.beyond-liquidation',
  'liquidation.too-close',
  'entry.unprofitable',
  'audit.unavailable',
  'lease.missing',
  // authorisation
  'approval.missing',
  'approval.forged',
  'approval.altered',
  'approval.expired',
  'approval.spent',
  'approval.wrong-user',
  'approval.drifted',
  'approval.declined',
  'policy.held',
] as const;
export const rejectionCodeSchema = z.enum(rejectionCodes);
export type RejectionCode = z.infer<typeof rejectionCodeSchema>;

/** A refusal: its code, the limit and what was found, both as text for people and exact decimals where they are numbers. */
export const rejectionSchema = z.object({
  code: rejectionCodeSchema,
  message: z.string(),
  limit: z.string().exactOptional(),
  actual: z.string().exactOptional(),
});
export type Rejection = z.infer<typeof rejectionSchema>;

/** One step of a decision: what it was given and what it made of it. */
export const riskStepSchema = z.object({
  step: z.string(),
  before: z.record(z.string(), z.json()),
  after: z.record(z.string(), z.json()),
  note: z.string(),
});
export type RiskStep = z.infer<typeof riskStepSchema>;
