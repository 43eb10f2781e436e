import { newRiskRefused } from '../decision/new-risk.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** New risk needs ACTIVE trading, a writable audit log and the lease. */
export const tradingState: OrderControl<EntryInput> = { name: 'trading-state', check: newRiskRefused };
