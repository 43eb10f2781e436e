import { Decimal } from '@perpdesk/core';
import type { ExchangeContext } from '../exchange-context.ts';
import { done, refused, type WireAnswer } from '../wire/wire-answer.ts';
import type { StandingAction } from './action-schemas.ts';

/** A percentage in tenths of a basis point: 0.01 % is 10. */
const tenthsOfBasisPoint = (percent: string): number =>
  new Decimal(percent.slice(0, -1)).times(1_000).toDecimalPlaces(0).toNumber();

const validUntil = / valid_until (\d+)$/;

/**
 * Carries out an action that says who may act for whom. Transfers and withdrawals are answered as the venue answers them and
 * move nothing: the exchange's accounts have no other place for their money.
 */
export function standingAction(context: ExchangeContext, account: string, action: StandingAction): WireAnswer {
  const { directory } = context;
  switch (action.type) {
    case 'approveAgent': {
      const name = (action.agentName ?? '').replace(validUntil, '');
      const until = validUntil.exec(action.agentName ?? '')?.[1];
      if (directory.exists(action.agentAddress)) return refused('Extra agent already used.');
      directory.approveAgent({
        address: action.agentAddress,
        master: account,
        name,
        ...(until === undefined ? {} : { validUntilMs: Number(until) }),
      });
      return done();
    }
    case 'approveBuilderFee':
      directory.approveBuilder(account, action.builder, tenthsOfBasisPoint(action.maxFeeRate));
      return done();
    case 'setReferrer':
      return directory.setReferrer(account, action.code) ? done() : refused('Referrer already set.');
    default:
      return done();
  }
}
