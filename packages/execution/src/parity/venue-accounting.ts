import { Decimal } from '@perpdesk/core';
import type { AccountingTerms, Change, ParitySubject } from './parity-report.ts';

/** Amounts of money, in whatever they stand. */
const money =
  /^(fees?|realizedPnl|unrealizedPnl|margin|initialMargin|usedMargin|availableMargin|available|balance|equity|deposits|funding|amount|notional|pendingNotional|riskAtStop)$/;
/** What a venue takes to the digit. */
const exact = /^(price|triggerPrice|averagePrice|size|filledSize|stopSize|stopLoss)$/;
const decimalText = /^-?\d+(\.\d+)?$/;
const numbers = /-?\d+(?:\.\d+)?/g;

/** True when two venues say the same of something, each in its own terms. */
export function isAccounting(subject: ParitySubject, { path, left, right }: Change, terms: AccountingTerms): boolean {
  const name = /([^.[\]]+)(\[\d+\])*$/.exec(path)?.[1] ?? path;
  if (terms.members.includes(`${subject}.${name}`)) return true;
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  if (name === 'note' || name === 'notes') return isSameText(left, right, terms.ratio);
  if (!decimalText.test(left) || !decimalText.test(right)) return false;
  // A size that Brix is still reckoning is no lot yet.
  if (exact.test(name) && subject !== 'decision') return false;
  const apart = new Decimal(left).minus(right).abs();
  if (money.test(name) && apart.lessThanOrEqualTo(terms.usd)) return true;
  return isNear(left, right, terms.ratio);
}

/** True when two texts are one but for the last digits of its numbers. */
function isSameText(left: string, right: string, ratio: string): boolean {
  if (left.replace(numbers, '0') !== right.replace(numbers, '0')) return false;
  const [ofLeft, ofRight] = [left.match(numbers) ?? [], right.match(numbers) ?? []];
  return ofLeft.every((number, index) => isNear(number, ofRight[index] ?? number, ratio));
}

const isNear = (left: string, right: string, ratio: string): boolean =>
  new Decimal(left)
    .minus(right)
    .abs()
    .lessThanOrEqualTo(Decimal.max(new Decimal(left).abs(), new Decimal(right).abs()).times(ratio));
