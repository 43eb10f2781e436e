import {
  Decimal,
  marketIdSchema,
  marketOf,
  type ProposedAction,
  proposedActionSchema,
  ValidationError,
} from '@perpdesk/core';

/**
 * Reads an action strictly, and refuses what could not be shown truthfully or can not be meant. Whether it may be done is judged when it is
 * done, by Brix or the limit book.
 * @throws ValidationError `proposal.action`
 */
export function checkAction(input: unknown): ProposedAction {
  const read = proposedActionSchema.safeParse(input);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refused(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not understood'}`);
  }
  const action = read.data;
  const wrong = wrongIn(action);
  if (wrong !== undefined) throw refused(wrong);
  return action;
}

const refused = (why: string): ValidationError =>
  new ValidationError('proposal.action', `This action can not be proposed: ${why}.`);

const isPositive = (value: string): boolean => new Decimal(value).greaterThan(0);
const isShare = (value: string): boolean => isPositive(value) && new Decimal(value).lessThanOrEqualTo(1);
const isInstrument = (id: Extract<ProposedAction, { kind: 'close-position' }>['instrumentId']): boolean =>
  marketIdSchema.safeParse(marketOf(id)).success;

function wrongIn(action: ProposedAction): string | undefined {
  switch (action.kind) {
    case 'place-order': {
      const { type, size, price, stopLoss, takeProfits, instrumentId } = action;
      if (!isInstrument(instrumentId)) return 'the instrument is no market at a venue';
      if (!isPositive(size)) return 'the size is not over zero';
      if ((type === 'limit') !== (price !== undefined)) return 'a limit order has its price, a market order none';
      const prices = [...(price === undefined ? [] : [price]), stopLoss, ...takeProfits.map((target) => target.price)];
      if (!prices.every(isPositive)) return 'a price is not over zero';
      if (!takeProfits.every(({ fraction }) => isShare(fraction))) return 'a target takes a share between 0 and 1';
      const total = takeProfits.reduce((sum, { fraction }) => sum.plus(fraction), new Decimal(0));
      return total.greaterThan(1) ? 'the targets take more than the whole position' : undefined;
    }
    case 'close-position':
      if (!isInstrument(action.instrumentId)) return 'the instrument is no market at a venue';
      return isShare(action.fraction) ? undefined : 'the share to close lies between 0 and 1';
    case 'set-limits':
      return Object.values(action.limits).every((value) => value === undefined) ? 'it names no limit' : undefined;
    case 'set-preferences':
      return action.entryPreference === undefined && action.aggression === undefined
        ? 'it names no preference'
        : undefined;
    default:
      return undefined;
  }
}
