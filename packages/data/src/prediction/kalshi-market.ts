import { foreignText, type PredictionContract, predictionContractSchema } from '@perpdesk/core';
import * as z from 'zod';
import { wireInstant, wireName, wireNumber, wireText } from './wire-schemas.ts';

const maybe = wireNumber.optional().catch(undefined);
const marketSchema = z.object({
  ticker: wireName,
  event_ticker: wireName,
  market_type: z.string().default('binary'),
  title: wireText(800),
  subtitle: wireText(150).optional(),
  yes_sub_title: wireText(150).optional(),
  rules_primary: wireText(4000).optional(),
  category: wireText(100).optional(),
  close_time: wireInstant,
  status: z.string(),
  result: z.string().optional(),
  volume_fp: maybe,
  volume: maybe,
  volume_24h_fp: maybe,
  volume_24h: maybe,
});
/** Decided for good; `determined` may still be disputed. */
const final = new Set(['finalized', 'settled']);
const resolutions: Readonly<Record<string, PredictionContract['resolution']>> = { yes: 'yes', no: 'no', void: 'void' };

/**
 * A market as Kalshi lists it.
 * @returns why not, where it is none that can be read as yes or no.
 */
export function contractFromKalshi(row: unknown): PredictionContract | string {
  const parsed = marketSchema.safeParse(row);
  if (!parsed.success) return `market ${parsed.error.issues[0]?.path.join('.') ?? ''}`;
  const market = parsed.data;
  if (market.market_type !== 'binary') return 'market type';
  const answer = market.yes_sub_title ?? market.subtitle ?? '';
  const resolution = final.has(market.status) ? resolutions[market.result ?? ''] : undefined;
  const volume = market.volume_fp ?? market.volume;
  const volume24h = market.volume_24h_fp ?? market.volume_24h;
  const contract: PredictionContract = {
    id: `kalshi:${market.ticker}`,
    venue: 'kalshi',
    slug: market.ticker,
    // Many contracts of one question differ in their subtitle alone.
    question: foreignText(
      answer === '' || market.title.includes(answer) ? market.title : `${market.title} (${answer})`,
      1000,
    ),
    closesAtMs: market.close_time,
    open: market.status === 'active' || market.status === 'open',
    event: market.event_ticker,
    series: market.event_ticker.split('-')[0] ?? market.event_ticker,
    ...(market.category === undefined ? {} : { category: market.category }),
    ...(market.rules_primary === undefined ? {} : { rules: market.rules_primary }),
    ...(volume === undefined ? {} : { volume }),
    ...(volume24h === undefined ? {} : { volume24h }),
    ...(resolution === undefined ? {} : { resolution }),
  };
  return predictionContractSchema.safeParse(contract).success ? contract : 'market';
}
