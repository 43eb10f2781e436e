import { CcxtPredictionSource, type PredictionSourceOptions } from './ccxt-prediction-source.ts';
import { polymarketVenue } from './polymarket-venue.ts';

/**
 * Polymarket's contracts, books and trades, and both as they happen on its socket. Needs no key.
 *
 * @example
 * const polymarket = new PolymarketSource({ clock: new SystemClock() });
 * const contract = await polymarket.resolve('https://polymarket.com/event/fed-decision-in-december');
 * const stop = polymarket.watch([contract], (update) => console.log(update));
 */
export class PolymarketSource extends CcxtPredictionSource {
  constructor(options: PredictionSourceOptions) {
    super(polymarketVenue, options);
  }
}
