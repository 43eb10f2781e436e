import type { Clock } from '@perpdesk/core';
import type { AccountDirectory } from './accounts/account-directory.ts';
import type { EngineAccount, ExchangeEngine } from './engine/exchange-engine.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { ExchangeRecords } from './records/exchange-records.ts';
import { emptyAccount } from './wire/wire-account.ts';

/** What every part of the wire protocol reads: the exchange behind it and what is known beside it. */
export interface ExchangeContext {
  readonly engine: ExchangeEngine;
  readonly clock: Clock;
  readonly records: ExchangeRecords;
  readonly directory: AccountDirectory;
  readonly limiter: RateLimiter;
  /** What the venue says of itself in `exchangeStatus`, null when all is well. */
  specialStatus: string | null;
}

/** An account, empty where nobody has deposited. */
export const accountOf = (context: ExchangeContext, account: string): EngineAccount =>
  context.directory.exists(account) ? context.engine.account(account) : emptyAccount(account);
