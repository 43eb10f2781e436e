import type { Recommendation, Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { type Exact, exact, zero } from '../exact/exact.ts';

type Levels = Pick<Recommendation, 'direction' | 'entry' | 'stopLoss' | 'takeProfits'>;

/** Refuses levels that are no plan: a long has stop < entry < every take profit, a short the reverse; all finite and above zero. */
export function geometryRefused({ direction, entry, stopLoss, takeProfits }: Levels): Rejection | undefined {
  const levels = [stopLoss, entry, ...takeProfits.map(({ price }) => price)];
  const limit = direction === 'long' ? 'stop < entry < take profits' : 'take profits < entry < stop';
  const wrong = (): Rejection =>
    refusal('geometry.invalid', `A ${direction} needs ${limit}.`, limit, levels.join(', '));
  if (takeProfits.length === 0) return wrong();
  const [stop, at, ...targets] = levels.map(read);
  if (stop === undefined || at === undefined) return wrong();
  const ahead = (from: Exact, to: Exact): boolean => (direction === 'long' ? from.lessThan(to) : from.greaterThan(to));
  const shares = takeProfits.map(({ fraction }) => exact(fraction));
  const total = shares.reduce((sum, share) => sum.plus(share), zero);
  const whole = shares.every((share) => share.greaterThan(0)) && total.lessThanOrEqualTo(1);
  const right = whole && ahead(stop, at) && targets.every((target) => target !== undefined && ahead(at, target));
  return right ? undefined : wrong();
}

function read(text: string): Exact | undefined {
  if (!/^\d{1,30}(\.\d{1,30})?$/.test(text)) return undefined;
  const value = exact(text);
  return value.greaterThan(0) ? value : undefined;
}
