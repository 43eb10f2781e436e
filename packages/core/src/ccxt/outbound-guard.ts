import { ConfigError } from '../errors/config-error.ts';

/**
 * What ccxt 4.5.84 would add to credit somebody: broker ids of Binance, OKX and Coinbase, referrer codes, and the builders
 * of Hyperliquid, Aster and Polymarket.
 */
const attributions =
  /x-xcKtGhcu|x-TKT5PX2F|x-cvBPrNm9|6b9ad766b55dBCDE|nfqkvdjp|CCXT1|setReferrer|approveBuilderFee|approveBuilder|6530512A6c89C7cfCEbC3BA7fcD9aDa5f30827a6|1F5877C19e3777Cfd15F9d57253eA4aA5254Ec39|ea409de8b037bb6ac664b6d12d6831b03cb04a37/i;

/**
 * Says whether a URL leads to a host of the list. Plain http and ws are for loopback alone.
 * @throws ConfigError `venue.host-refused`
 */
export function requireAllowedHost(venue: string, url: string, hosts: readonly string[]): void {
  const { protocol, hostname } = parsed(venue, url);
  const known = hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
  const safe = protocol === 'https:' || protocol === 'wss:' || isLoopback(hostname);
  if (known && safe) return;
  throw new ConfigError(
    'venue.host-refused',
    `${protocol}//${hostname} is no address of ${venue}; only ${hosts.join(', ')} may be reached.`,
  );
}

/**
 * Refuses a request that would credit or pay somebody whom the user did not choose: the last line behind what is switched
 * off, so that a new version of ccxt fails loudly.
 * @throws ConfigError `venue.attribution-refused`
 */
export function requireUnattributed(venue: string, request: { url: string; headers: unknown; body: unknown }): void {
  const headers = Object(request.headers) as Record<string, unknown>;
  const referer = Object.keys(headers).find((name) => /^(referer|x-referer|x-referrer|x-broker.*)$/i.test(name));
  const text = `${request.url} ${JSON.stringify(headers)} ${typeof request.body === 'string' ? request.body : JSON.stringify(request.body ?? '')}`;
  const found = referer ?? attributions.exec(text)?.[0];
  if (found === undefined) return;
  throw new ConfigError(
    'venue.attribution-refused',
    `A request to ${venue} carried the attribution "${found}" and was not sent.`,
  );
}

/** True for the machine itself. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);

function parsed(venue: string, url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new ConfigError('venue.host-refused', `The address of ${venue} is no URL.`);
  }
}
