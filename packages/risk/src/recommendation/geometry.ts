import { Decimal, type Recommendation, type Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';

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
  const ahead = (from: Decimal, to: Decimal): boolean =>
    direction === 'long' ? from.lessThan(to) : from.greaterThan(to);
  const shares = takeProfits.map(({ fraction }) => new Decimal(fraction));
  const whole = shares.every((share) => share.greaterThan(0)) && Decimal.sum(0, ...shares).lessThanOrEqualTo(1);
  const right = whole && ahead(stop, at) && targets.every((target) => target !== undefined && ahead(at, target));
  return right ? undefined : wrong();
}

function read(text: string): Decimal | undefined {
  if (!/^\d{1,30}(\.\d{1,30})?$/.test(text)) return undefined;
  const value = new Decimal(text);
  return value.greaterThan(0) ? value : undefined;
}
