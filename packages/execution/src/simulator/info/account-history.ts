import type { ExchangeContext } from '../exchange-context.ts';
import { wireDecimal, wireHash } from '../wire/wire-decimal.ts';
import { wireFunding } from '../wire/wire-fill.ts';
import { type InfoRequest, numberIn } from './info-request.ts';

/** The venue answers histories with at most as many entries. */
const shownEntries = 2_000;

const within = (request: InfoRequest, atMs: number): boolean =>
  atMs >= numberIn(request, 'startTime', 0) && atMs <= numberIn(request, 'endTime', Infinity);

/** What an account paid and got for funding, oldest first. */
export function accountFundings(context: ExchangeContext, account: string, request: InfoRequest): unknown[] {
  return context.records
    .fundings(account)
    .filter((funding) => within(request, funding.atMs))
    .slice(0, shownEntries)
    .map((funding) => {
      const { time, ...delta } = wireFunding(funding);
      return { time, hash: wireHash(0), delta: { type: 'funding', ...delta } };
    });
}

/** What came to and left an account beside trading and funding, oldest first. */
export function accountLedger(context: ExchangeContext, account: string, request: InfoRequest): unknown[] {
  return context.engine
    .ledger()
    .filter((entry) => entry.kind === 'deposit' && entry.account === account && within(request, entry.atMs))
    .slice(0, shownEntries)
    .map((entry) => ({
      time: entry.atMs,
      hash: wireHash(entry.sequence),
      delta: { type: 'deposit', usdc: wireDecimal(String(entry.detail.amount ?? entry.detail.usd ?? '0')) },
    }));
}
