import { Correlation, correlation } from './correlation.ts';
import { CumulativeVolumeDelta, cumulativeVolumeDelta } from './cumulative-volume-delta.ts';
import { FundingStatistics, fundingStatistics } from './funding-statistics.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { OpenInterestStatistics, openInterestStatistics } from './open-interest-statistics.ts';

/** Funding, open interest, taker volume, pairs. */
export const derivativesCases: readonly IndicatorCase[] = [
  ofValue(
    () => new FundingStatistics({ period: 20 }),
    (x) => [x.mean, x.zScore, x.annualised],
    19,
    (values) => Object.values(fundingStatistics(values, { period: 20 })),
  ),
  ofValue(
    () => new OpenInterestStatistics(),
    (x) => [x.changePercent, x.zScore],
    19,
    (values) => Object.values(openInterestStatistics(values)),
  ),
  ofBar(
    () => new CumulativeVolumeDelta(),
    (x, columns, i) => x.update(at(columns.buyVolume, i), at(columns.sellVolume, i)),
    (x) => [x.delta, x.cumulative],
    0,
    (columns) => Object.values(cumulativeVolumeDelta(columns)),
  ),
  ofBar(
    () => new Correlation(),
    (x, columns, i) => x.update(at(columns.close, i), at(columns.volume, i)),
    (x) => [x.correlation, x.beta],
    19,
    (columns) => Object.values(correlation({ values: columns.close, benchmark: columns.volume })),
  ),
];
