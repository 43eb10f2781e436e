import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExchangeClient, HttpTransport } from '@nktkas/hyperliquid';
import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import { quotedExchange, trader } from './testing/quoted-exchange.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const folder = join(fixtures, 'payloads/hyperliquid');
const user = trader.address;

/** Each recording, the request that asks the simulator the same, and what the venue has dropped from its answer since. */
const recordings: readonly [file: string, request: object, dropped?: readonly string[]][] = [
  ['sdk-cassettes/test_get_all_mids.yaml', { type: 'allMids' }],
  [
    'sdk-cassettes/test_get_candles_snapshot.yaml',
    { type: 'candleSnapshot', req: { coin: 'BTC', interval: '1m', startTime: 0 } },
  ],
  ['sdk-cassettes/test_get_frontend_open_orders.yaml', { type: 'frontendOpenOrders', user }],
  ['sdk-cassettes/test_get_funding_history_None_.yaml', { type: 'fundingHistory', coin: 'BTC', startTime: 0 }],
  ['sdk-cassettes/test_get_l2_snapshot.yaml', { type: 'l2Book', coin: 'BTC' }],
  ['sdk-cassettes/test_get_user_fills.yaml', { type: 'userFills', user }, ['liquidationMarkPx']],
  ['sdk-cassettes/test_get_user_state.yaml', { type: 'clearinghouseState', user }, ['maxTradeSzs']],
  ['sdk-cassettes/test_portfolio.yaml', { type: 'portfolio', user }],
  [
    'sdk-cassettes/test_user_funding_history_without_end_time.yaml',
    { type: 'userFunding', user, startTime: 0 },
    ['nSamples'],
  ],
  ['sdk-cassettes/test_user_role.yaml', { type: 'userRole', user }],
  ['nautilus/http_recent_trades_btc.json', { type: 'recentTrades', coin: 'BTC' }],
  ['nautilus/http_l2_book_snapshot.json', { type: 'l2Book', coin: 'BTC' }],
];

/** An exchange on which all has happened that the recordings show. */
async function lively(): Promise<HyperliquidSimulator> {
  const clock = new SimulatedClock({ startAtMs: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1 });
  const exchange = await quotedExchange({ clock, tickMs: 1_000 });
  const client = new ExchangeClient({ transport: new HttpTransport({ apiUrl: exchange.url }), wallet: trader });
  exchange.engine.setFundingRate('BTC', '0.0001');
  await client.order({ orders: [{ a: 0, b: true, p: 50_100, s: 3, r: false, t: { limit: { tif: 'Ioc' } } }] });
  await client.order({
    orders: [
      { a: 1, b: true, p: 2_400, s: 1, r: false, t: { limit: { tif: 'Gtc' } } },
      { a: 1, b: false, p: 2_200, s: 1, r: true, t: { trigger: { isMarket: true, triggerPx: 2_300, tpsl: 'sl' } } },
    ],
    grouping: 'normalTpsl',
  });
  await clock.advanceBy(3_600_000);
  return exchange;
}

describe('answers are of the shape of the venue’s recorded ones', () => {
  for (const [file, request, dropped = []] of recordings) {
    it.skipIf(!existsSync(join(folder, file)))(`behavior: ${file}`, async () => {
      await using exchange = await lively();
      const answer = await fetch(`${exchange.url}/info`, { method: 'POST', body: JSON.stringify(request) });
      const ours = shapeOf(await answer.json());
      const theirs = [...shapeOf(recorded(file))].filter((path) => !dropped.some((name) => path.includes(`.${name}`)));
      expect(theirs.length).toBeGreaterThan(0);
      expect(theirs.filter((path) => !ours.has(path))).toEqual([]);
    });
  }
});

/** The body of the last answer of a cassette (single-quoted YAML, folded lines), or a plain JSON file. */
function recorded(file: string): unknown {
  const text = readFileSync(join(folder, file), 'utf8');
  if (file.endsWith('.json')) return JSON.parse(text);
  const bodies = [...text.matchAll(/string: '((?:[^']|'')*)'/g)].map((match) => match[1] ?? '');
  return JSON.parse((bodies.at(-1) ?? '').replace(/\n\s*/g, ' ').replaceAll("''", "'"));
}

/** Every path of a value with the kind that is there; coins as keys and absent values are one. */
function shapeOf(value: unknown, path = '', found = new Set<string>()): Set<string> {
  if (value === null) return found;
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${path}[]`, found);
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value))
      shapeOf(item, `${path}.${path === '' && isCoin(key) ? '*' : key}`, found);
  } else found.add(`${path}: ${typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? 'decimal' : typeof value}`);
  return found;
}

/** True for the keys of `allMids`: a coin in capitals, perhaps with a `k` for thousands, or a number with `@`. */
const isCoin = (key: string): boolean => /^(k?[A-Z][A-Z0-9]*|@\d+)$/.test(key);
