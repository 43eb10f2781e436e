import { type FundingFeatures, type FundingRate, fundingPer8h, fundingPerYear, mean } from '@perpdesk/core';
import { Ring } from '../state/ring.ts';

/** Rates that are looked at, the newest among them: four days of hourly ones, a month of eight-hourly ones. */
const history = 96;
const leastHistory = 8;
/** The least deviation that is believed, per 8 h: a series pinned at its base rate must not make every tick an outlier. */
const leastDeviation = 0.00005;

/** What funding says without that of other venues. */
type OwnFunding = Omit<FundingFeatures, 'spreadPer8h' | 'venueZ'>;

/** Funding of one instrument: the settled rates, and what is predicted of the next. */
export class FundingTracker {
  readonly #settled = new Ring<FundingRate>(history);
  #prediction: FundingRate | undefined;
  /** The last prediction of the settlement before: a venue may predict the next one before it tells what that one was. */
  #previous: FundingRate | undefined;
  /** The last settled rate less its last prediction, per 8 h. */
  #surprise: number | undefined;
  #features: OwnFunding | undefined;

  /** The newest word: the prediction of the next settlement, else the last one settled. */
  get newest(): FundingRate | undefined {
    const settled = this.#settled.newest();
    if (
      this.#prediction === undefined ||
      (settled !== undefined && settled.settlesAtMs >= this.#prediction.settlesAtMs)
    ) {
      return settled;
    }
    return this.#prediction;
  }

  /** Takes a rate. A word on an older settlement than is known is passed over, and a prediction of one that was settled. */
  push(rate: FundingRate): void {
    this.#features = undefined;
    if (rate.predicted) {
      if (this.#prediction === undefined || rate.settlesAtMs >= this.#prediction.settlesAtMs) this.#predict(rate);
      return;
    }
    const settled = this.#settled.newest();
    if (settled !== undefined && rate.settlesAtMs < settled.settlesAtMs) return;
    const isCorrection = settled?.settlesAtMs === rate.settlesAtMs;
    if (isCorrection) this.#settled.replaceNewest(0, rate);
    else this.#settled.push(rate);
    const predicted = this.#predictionOf(rate.settlesAtMs);
    this.#surprise = predicted && fundingPer8h(rate) - fundingPer8h(predicted);
  }

  /** Undefined before the first rate. Asked far more often than rates come: it stands until the next. */
  features(): OwnFunding | undefined {
    this.#features ??= this.#compute();
    return this.#features;
  }

  #compute(): OwnFunding | undefined {
    const { newest } = this;
    if (newest === undefined) return undefined;
    const settled = this.#settled.newest();
    const per8h = fundingPer8h(newest);
    const z = this.#z(newest, per8h);
    return {
      per8h,
      annualized: fundingPerYear(newest),
      predicted: newest.predicted,
      settlesAtMs: newest.settlesAtMs,
      ...(settled === undefined ? {} : { realizedPer8h: fundingPer8h(settled) }),
      ...(this.#surprise === undefined ? {} : { surprisePer8h: this.#surprise }),
      ...(z === undefined ? {} : { z }),
    };
  }

  #predict(rate: FundingRate): void {
    if (this.#prediction !== undefined && rate.settlesAtMs > this.#prediction.settlesAtMs) {
      this.#previous = this.#prediction;
    }
    this.#prediction = rate;
  }

  #predictionOf(settlesAtMs: number): FundingRate | undefined {
    return [this.#prediction, this.#previous].find((rate) => rate?.settlesAtMs === settlesAtMs);
  }

  /** Distance from the mean of the settled rates before, in their population standard deviations. */
  #z(newest: FundingRate, per8h: number): number | undefined {
    const before = this.#settled
      .last(history)
      .filter((rate) => rate !== newest)
      .slice(1 - history)
      .map(fundingPer8h);
    const centre = mean(before);
    if (centre === undefined || before.length < leastHistory) return undefined;
    const variance = mean(before.map((rate) => (rate - centre) ** 2)) ?? 0;
    return (per8h - centre) / Math.max(Math.sqrt(variance), leastDeviation);
  }
}
