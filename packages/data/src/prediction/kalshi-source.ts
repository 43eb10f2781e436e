import { CcxtPredictionSource, type PredictionSourceOptions } from './ccxt-prediction-source.ts';
import { kalshiVenue } from './kalshi-venue.ts';

/**
 * Kalshi's contracts, books and trades, asked for again and again: its socket needs a key. Reading needs none.
 *
 * @example
 * const kalshi = new KalshiSource({ clock: new SystemClock() });
 * const contract = await kalshi.resolve('KXFED-26DEC-T3.75');
 */
export class KalshiSource extends CcxtPredictionSource {
  constructor(options: PredictionSourceOptions) {
    super(kalshiVenue, options);
  }
}
