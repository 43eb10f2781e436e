import type { PriceRule } from '@perpdesk/core';

/** Powers of ten as doubles, by exponent from 0 to 15. */
const tenTo = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * A price rule for market data in float64: the same prices as core's `roundPrice`, as numbers, at the speed of a few
 * multiplications. Never for what is sent to a venue. Results are the doubles nearest to the decimal price.
 */
export class PriceGrid {
  readonly #figures: number;
  readonly #maxDecimals: number;
  /** The tick in units of 10^−maxDecimals; 1 for significant figures. */
  readonly #units: number;

  constructor(rule: PriceRule) {
    if (rule.kind === 'significant-figures') {
      this.#figures = rule.figures;
      this.#maxDecimals = rule.maxDecimals;
      this.#units = 1;
    } else {
      const [, fraction = ''] = rule.tick.split('.');
      this.#figures = 0;
      this.#maxDecimals = fraction.length;
      this.#units = Number(rule.tick.replace('.', ''));
    }
  }

  /** The distance of allowed prices at a price. */
  step(price: number): number {
    return this.#units / this.#scale(price);
  }

  /** The nearest allowed price, never below one step. */
  round(price: number): number {
    const scale = this.#scale(price);
    return (Math.max(1, Math.round((price * scale) / this.#units)) * this.#units) / scale;
  }

  /** The next allowed price above an allowed one. */
  above(price: number): number {
    const scale = this.#scale(price);
    return this.round((Math.round((price * scale) / this.#units) * this.#units + this.#units) / scale);
  }

  /** The next allowed price below an allowed one, never below one step. */
  below(price: number): number {
    // Half a step lower lies in the decade of the price below, whose steps may be finer.
    const scale = this.#scale(price - this.step(price) / 2);
    const units = Math.round((price * scale) / this.#units) - 1;
    return (Math.max(1, units) * this.#units) / scale;
  }

  /** 10 to the number of decimals allowed at a price. */
  #scale(price: number): number {
    if (this.#figures === 0) return tenTo[this.#maxDecimals] ?? 1;
    let decimals = this.#figures - 1;
    if (price >= 1) for (let bound = 10; price >= bound && decimals > 0; bound *= 10) decimals -= 1;
    else for (let inverse = 10; price * inverse < 10 && decimals < this.#maxDecimals; inverse *= 10) decimals += 1;
    return tenTo[Math.min(decimals, this.#maxDecimals)] ?? 1;
  }
}
