import { Decimal, type Instrument, type InstrumentId, nextFundingAtMs, toRate, toUsd } from '@perpdesk/core';
import { fundingAmount } from '../matching/funding-amount.ts';
import type { AccountDraft } from './account-draft.ts';
import { markOf } from './account-figures.ts';

/**
 * Pays a position's funding for every instant after the last paid one and up to `throughMs`: when an instant's settled rate
 * arrives, and before anything changes the position's size, so that each instant is paid once, on the size that stood at
 * it. Instants missed while the venue was down are paid then, at their own rate where it is known, else at the newest
 * known; always on the notional at the present mark. An instrument that never had a rate has no funding.
 */
export function settleFunding(draft: AccountDraft, instrument: Instrument, throughMs: number): void {
  const { context } = draft;
  for (;;) {
    const position = draft.position(instrument.id);
    if (position === undefined) return;
    const instantMs = nextFundingAtMs(instrument.fundingIntervalMs, position.fundedThroughMs);
    if (instantMs > throughMs) return;
    const rate = context.fundingRate(instrument.id, instantMs);
    if (rate === undefined) return;
    const mark = markOf(position, context);
    const exactRate = toRate(new Decimal(rate).toSignificantDigits(15).toDecimalPlaces(18));
    const amount = fundingAmount(
      { isLong: position.direction === 'long', size: position.size },
      { price: mark, rate: new Decimal(exactRate), decimals: 8 },
    );
    const margin = position.marginMode === 'isolated' ? position.margin.plus(amount) : position.margin;
    draft.change({ funding: draft.account.funding.plus(amount) });
    draft.tell({
      kind: 'funding',
      payment: {
        id: fundingId(draft, instrument.id, instantMs),
        userId: draft.account.userId,
        venue: context.venue,
        instrumentId: instrument.id,
        amount: toUsd(amount),
        rate: exactRate,
        notional: toUsd(mark.times(position.size)),
        atMs: instantMs,
      },
    });
    draft.putPosition(instrument.id, { ...position, margin, fundedThroughMs: instantMs, updatedAtMs: context.atMs });
  }
}

/** One name per account, instrument and instant: the ledger takes it once. */
const fundingId = (draft: AccountDraft, id: InstrumentId, instantMs: number): string =>
  `${draft.context.venue}:${draft.account.userId}:${id}:${instantMs}`;
