import { type PredictionContract, predictionContractSchema } from '@perpdesk/core';
import * as z from 'zod';
import { wireInstant, wireList, wireName, wireNumber, wireText } from './wire-schemas.ts';

const eventSchema = z.object({
  slug: wireName.optional().catch(undefined),
  seriesSlug: wireName.optional().catch(undefined),
  series: z
    .array(z.object({ slug: wireName }))
    .optional()
    .catch(undefined),
  endDate: wireInstant.optional().catch(undefined),
});
const marketSchema = z.object({
  conditionId: z.string().regex(/^0x[0-9a-f]{64}$/i),
  slug: wireName,
  question: wireText(1000),
  description: wireText(4000).optional(),
  category: wireText(100).optional(),
  endDate: wireInstant.optional(),
  active: z.boolean().default(true),
  closed: z.boolean(),
  archived: z.boolean().default(false),
  acceptingOrders: z.boolean().optional(),
  umaResolutionStatus: z.string().optional(),
  outcomes: wireList(wireText(100)),
  outcomePrices: wireList(wireNumber).optional(),
  clobTokenIds: wireList(z.string().regex(/^\d{1,80}$/)),
  volumeNum: wireNumber.optional().catch(undefined),
  volume24hr: wireNumber.optional().catch(undefined),
  events: z.array(eventSchema).optional().catch(undefined),
});

/**
 * A market as Polymarket's gamma host lists it. Its first outcome is YES.
 * @returns why not, where it is none that can be read as yes or no.
 */
export function contractFromPolymarket(row: unknown): PredictionContract | string {
  const parsed = marketSchema.safeParse(row);
  if (!parsed.success) return `market ${parsed.error.issues[0]?.path.join('.') ?? ''}`;
  const market = parsed.data;
  const [yes, no, third] = market.outcomes;
  const [yesToken, noToken] = market.clobTokenIds;
  if (yes === undefined || no === undefined || third !== undefined) return 'market outcomes';
  if (yesToken === undefined || noToken === undefined || yesToken === noToken) return 'market tokens';
  const [event] = market.events ?? [];
  const closesAtMs = market.endDate ?? event?.endDate;
  if (closesAtMs === undefined) return 'market endDate';
  const series = event?.series?.[0]?.slug ?? event?.seriesSlug;
  const resolution = market.closed ? resolutionOf(market.outcomePrices ?? [], market.umaResolutionStatus) : undefined;
  const contract: PredictionContract = {
    id: `polymarket:${market.conditionId.toLowerCase()}`,
    venue: 'polymarket',
    slug: market.slug,
    question: market.question,
    closesAtMs,
    open: market.active && !market.closed && !market.archived && market.acceptingOrders !== false,
    tokens: { yes: yesToken, no: noToken },
    ...(market.category === undefined ? {} : { category: market.category }),
    ...(market.description === undefined ? {} : { rules: market.description }),
    ...(event?.slug === undefined ? {} : { event: event.slug }),
    ...(series === undefined ? {} : { series }),
    ...(yes === 'Yes' && no === 'No' ? {} : { labels: { yes, no } }),
    ...(market.volumeNum === undefined ? {} : { volume: market.volumeNum }),
    ...(market.volume24hr === undefined ? {} : { volume24h: market.volume24hr }),
    ...(resolution === undefined ? {} : { resolution }),
  };
  return predictionContractSchema.safeParse(contract).success ? contract : 'market';
}

/**
 * What a closed market paid. Prices that are not exactly one and nothing, or half and half, say that it is not decided, or
 * not known how (two noughts, of the oldest markets); so does a resolution that is proposed or disputed.
 */
function resolutionOf(prices: readonly number[], status: string | undefined): PredictionContract['resolution'] {
  if (status !== undefined && status !== 'resolved') return undefined;
  const [yes, no] = prices;
  if (yes === 1 && no === 0) return 'yes';
  if (yes === 0 && no === 1) return 'no';
  return yes === 0.5 && no === 0.5 ? 'void' : undefined;
}
