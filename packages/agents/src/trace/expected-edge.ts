import { Decimal, type Rate, type Recommendation } from '@perpdesk/core';

/** What a plan may be expected to earn, before it is known how it ends. */
export interface ExpectedEdge {
  /** What is lost at the stop, in hundredths of a percent of the entry: one R. */
  readonly riskBp: number;
  /** What is won where every target is reached, each with its share, in R. */
  readonly rewardR: number;
  /** Taker fees of both sides, in R. */
  readonly feesR: number;
  /** confidence × reward − (1 − confidence) × 1 − fees, in R. */
  readonly edgeR: number;
  /** The same in hundredths of a percent of the notional. */
  readonly edgeBp: number;
}

/**
 * The expected edge of a plan: with confidence p as the chance that the targets are reached before the stop, reward W and fees F in units
 * of the risk R = |entry − stop|,
 *
 * edge = p · W − (1 − p) − F, W = Σ fraction · |target − entry| / R, F = 2 · taker fee · entry / R.
 *
 * It is a yardstick for what a decision may cost, not a forecast: a confidence is no measured chance (calibration tells how far from
 * one it is), a trade may end by neither level, and slippage and funding are left out.
 */
export function expectedEdge(
  plan: Pick<Recommendation, 'entry' | 'stopLoss' | 'takeProfits' | 'confidence'>,
  takerFeeRate: Rate,
): ExpectedEdge {
  const entry = new Decimal(plan.entry);
  const risk = entry.minus(plan.stopLoss).abs();
  const reward = plan.takeProfits.reduce(
    (sum, { price, fraction }) => sum.plus(entry.minus(price).abs().times(fraction)),
    new Decimal(0),
  );
  const rewardR = reward.dividedBy(risk);
  const feesR = entry.times(takerFeeRate).times(2).dividedBy(risk);
  const riskBp = risk.dividedBy(entry).times(10_000);
  const edgeR = rewardR.times(plan.confidence).minus(new Decimal(1).minus(plan.confidence)).minus(feesR);
  return {
    riskBp: riskBp.toNumber(),
    rewardR: rewardR.toNumber(),
    feesR: feesR.toNumber(),
    edgeR: edgeR.toNumber(),
    edgeBp: edgeR.times(riskBp).toNumber(),
  };
}

/** The notional, in dollars, from which an edge pays for what a decision cost; undefined where no size does. */
export function breakEvenNotional(edge: Pick<ExpectedEdge, 'edgeBp'>, costUsd: number): number | undefined {
  return edge.edgeBp > 0 ? new Decimal(costUsd).times(10_000).dividedBy(edge.edgeBp).toNumber() : undefined;
}
