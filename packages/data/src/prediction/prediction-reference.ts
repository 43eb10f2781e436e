import { foreignText, ValidationError } from '@perpdesk/core';

/** What a text that means a contract says. */
export type PredictionReference =
  | {
      readonly venue: 'polymarket';
      readonly by: 'condition' | 'token' | 'market' | 'slug' | 'event';
      readonly value: string;
    }
  | { readonly venue: 'kalshi'; readonly by: 'ticker'; readonly value: string };

const condition = /^0x[0-9a-f]{64}$/i;
const token = /^\d{60,80}$/;
const marketId = /^\d{1,12}$/;
const slug = /^[a-z0-9]+(-[a-z0-9]+)+$/;
const ticker = /^[A-Z0-9]{2,40}(-[A-Z0-9.]{1,40}){0,5}$/;
const forms =
  'a link to polymarket.com or kalshi.com, polymarket:<slug, condition id, token id or market id>, kalshi:<ticker>, a slug like will-it-rain, or a ticker like KXFED-26DEC-T3.75';

/**
 * Reads a link, slug, ticker or id. Says what it means, not whether there is such a contract.
 * @throws ValidationError `prediction.reference` when it is of no form that is understood.
 */
export function predictionReference(text: string): PredictionReference {
  const trimmed = text.trim().slice(0, 500);
  const url = /^(https?:\/\/)?(www\.)?(polymarket|kalshi)\.com\//i.test(trimmed)
    ? URL.parse(/^https?:/i.test(trimmed) ? trimmed : `https://${trimmed}`)
    : null;
  const found = url === null ? ofName(trimmed) : ofLink(url);
  if (found !== undefined) return found;
  throw new ValidationError(
    'prediction.reference',
    `"${foreignText(text, 100)}" names no contract that is understood; give ${forms}.`,
  );
}

function ofLink(url: URL): PredictionReference | undefined {
  const parts = url.pathname.split('/').filter((part) => part !== '');
  if (url.hostname.endsWith('kalshi.com')) {
    // /markets/<series>/<title>/<event or market>: without the last the series is meant, the title says nothing.
    const value = (parts[3] ?? parts[1] ?? '').toUpperCase();
    return ticker.test(value) ? { venue: 'kalshi', by: 'ticker', value } : undefined;
  }
  // A language may come first: /es/event/<event>/<market>.
  const at = parts.findIndex((part) => part === 'event' || part === 'market');
  const [kind, first, second] = at < 0 ? [] : parts.slice(at, at + 3);
  if (first === undefined) return undefined;
  if (second !== undefined && slug.test(second)) return { venue: 'polymarket', by: 'slug', value: second };
  if (!slug.test(first) && !/^[a-z0-9]+$/.test(first)) return undefined;
  return { venue: 'polymarket', by: kind === 'event' ? 'event' : 'slug', value: first };
}

function ofName(text: string): PredictionReference | undefined {
  const [, prefix, rest = ''] = /^(polymarket|kalshi):(.*)$/i.exec(text) ?? [undefined, undefined, text];
  const venue = prefix?.toLowerCase();
  if (venue === 'kalshi') {
    const value = rest.toUpperCase();
    return ticker.test(value) ? { venue, by: 'ticker', value } : undefined;
  }
  if (condition.test(rest)) return { venue: 'polymarket', by: 'condition', value: rest.toLowerCase() };
  if (token.test(rest)) return { venue: 'polymarket', by: 'token', value: rest };
  if (venue === 'polymarket' && marketId.test(rest)) return { venue, by: 'market', value: rest };
  if (slug.test(rest)) return { venue: 'polymarket', by: 'slug', value: rest };
  if (venue === undefined && /[A-Z]/.test(rest) && ticker.test(rest))
    return { venue: 'kalshi', by: 'ticker', value: rest };
  return undefined;
}
