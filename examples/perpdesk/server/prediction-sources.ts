import type { Clock, Logger, PredictionSource } from '@perpdesk/core';
import { KalshiSource, PolymarketSource } from '@perpdesk/data';
import type { Environment } from './language-model.ts';

/** Kalshi is asked for each contract: every half minute is enough for a quote a minute. */
const polled = { pollMs: 30_000, staleAfterMs: 120_000 };

/**
 * The prediction markets of a live desk. Nothing is connected before they are asked. `PERPDESK_VENUE_POLYMARKET=127.0.0.1:8080` puts a local
 * server in a venue's place.
 */
export function predictionSources(
  environment: Environment,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): readonly PredictionSource[] {
  const at = (name: string) => {
    const address = environment[`PERPDESK_VENUE_${name}`];
    return address === undefined
      ? { clock, logger }
      : { clock, logger, endpoints: { http: `http://${address}`, ws: `ws://${address}` }, rateLimit: false };
  };
  return [new PolymarketSource(at('POLYMARKET')), new KalshiSource({ ...at('KALSHI'), timing: polled })];
}
