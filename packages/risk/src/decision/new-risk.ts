import type { Rejection } from '@perpdesk/core';
import type { NewRiskGuard } from '../recommendation/recommendation-input.ts';
import { refusal } from './refusal.ts';

/** Refuses new risk while trading is halted or reducing, the audit log can't be written or the lease is gone. */
export function newRiskRefused(guard: NewRiskGuard): Rejection | undefined {
  if (guard.tradingState === 'halted') return refusal('trading.halted', 'Trading is halted.', 'active', 'halted');
  if (guard.tradingState === 'reducing') {
    return refusal('trading.reducing', 'Only what lessens risk is let through.', 'active', 'reducing');
  }
  if (!guard.leased) return refusal('lease.missing', 'This process holds no lease for new risk.', 'held', 'lapsed');
  if (!guard.auditWritable)
    return refusal('audit.unavailable', 'The audit log can not be written.', 'writable', 'unavailable');
  return undefined;
}
