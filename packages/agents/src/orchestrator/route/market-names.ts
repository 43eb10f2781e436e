import { type MarketId, marketIdSchema } from '@perpdesk/core';
import { skeletonOf } from './skeleton.ts';

/** What people call the best-known coins. */
const coins: Readonly<Record<string, string>> = {
  BITCOIN: 'BTC',
  ETHEREUM: 'ETH',
  ETHER: 'ETH',
  SOLANA: 'SOL',
  DOGECOIN: 'DOGE',
  CARDANO: 'ADA',
  RIPPLE: 'XRP',
  LITECOIN: 'LTC',
  AVALANCHE: 'AVAX',
  POLKADOT: 'DOT',
  CHAINLINK: 'LINK',
};

/** Symbols that are words too, or so short that they stand everywhere: written as a symbol, `NEAR`, `$near` or `near-perp`, they count. */
const everyday = new Set(
  `able ace act ai all alt any ape api arc are ask at axe bad bake band bank base bat beam bid big bio bit blur book boost box cake call can cat
   chat chip city clip cloud coin core cost cow data day dent dia do dog dot ever ex fair far fed few fill fio fit flow flux for form friend fun game gas get
   go good grass grass hard hash hedge help high hint hit hive hold home hook hot how id in index info is it jam job joe jump just keep key kind last
   less level like line link list live long look lot low luna macro magic main make mask me mine more most mother move much my near new news next not note now
   of on one op open or orca order out over own pay people perp pixel play plus pnl price prime prompt pump push put rad rally rare raw real risk rose run safe
   same sand save say see sell set short side sign size snap so soon space stable star step stop sun super swap take tap target the they this time to token
   too top trade trend true trump try turbo two up us usd use user usual was wave way we well what when why will win wire wish with won word
   yes you zero zone`.split(/\s+/),
);

/** The ways to write a pair; what is left is the symbol. */
const pair = /(?:-PERP|[-/]?USD[TC]?|-USD[TC]?-SWAP)$/;

/** What one word means. */
export type NamedMarket = { readonly market: MarketId } | { readonly looksLike: MarketId };

/**
 * Finds the markets that words name: the whole word counts, so that `ETHFI` is no `ETH` and the longest name wins. A word in letters of other
 * alphabets, or with digits for letters, that only looks like a market is never taken for it.
 */
export class MarketNames {
  readonly #markets = new Map<string, MarketId>();
  readonly #skeletons = new Map<string, MarketId>();

  constructor(markets: readonly MarketId[]) {
    const known = markets.filter((market) => marketIdSchema.safeParse(market).success);
    const symbols = known.map((market) => [market.slice(0, -'-PERP'.length), market] as const);
    for (const [symbol, market] of symbols) {
      this.#markets.set(symbol, market);
      this.#skeletons.set(skeletonOf(symbol), market);
    }
    for (const [name, symbol] of Object.entries(coins)) {
      const market = this.#markets.get(symbol);
      if (market !== undefined && !this.#markets.has(name)) this.#markets.set(name, market);
    }
    // A prefix of a venue's own may be left out where nothing else is called so.
    const short = symbols.filter(([symbol]) => symbol.includes(':'));
    for (const [symbol, market] of short) {
      const tail = symbol.slice(symbol.lastIndexOf(':') + 1);
      const isShared = short.some(([other]) => other !== symbol && other.endsWith(`:${tail}`));
      if (!isShared && tail !== '' && !this.#markets.has(tail)) this.#markets.set(tail, market);
    }
  }

  /** @param isLoud The text is in capitals throughout, which then say nothing. */
  named(word: string, isLoud = false): NamedMarket | undefined {
    if (word.length > 60) return undefined;
    const [before = ''] = word.split('@');
    const bare = before.replace(/^[$#]/, '').replace(/'s$/i, '');
    const upper = bare.toUpperCase();
    const symbol = upper.replace(pair, '');
    const exact = isPlain(bare) ? (this.#markets.get(upper) ?? this.#markets.get(symbol)) : undefined;
    if (exact === undefined) return this.#alike(bare, symbol);
    const isEveryday = everyday.has(bare.toLowerCase()) || bare.length === 1;
    const isMarked = before.startsWith('$') || before.startsWith('#') || symbol !== upper;
    return !isEveryday || isMarked || (bare === upper && !isLoud) ? { market: exact } : undefined;
  }

  #alike(bare: string, symbol: string): NamedMarket | undefined {
    if (/^[\d.,]*[a-z%]?$/i.test(bare) || bare.length > 20) return undefined;
    // Of plain letters only capitals, or those with digits among them, pass for a symbol: `all` is a word.
    if (isPlain(bare) && bare !== bare.toUpperCase() && !/\d/.test(bare)) return undefined;
    const market = this.#skeletons.get(skeletonOf(bare)) ?? this.#skeletons.get(skeletonOf(symbol));
    return market === undefined ? undefined : { looksLike: market };
  }
}

/** Nothing but ASCII may name a market. */
const isPlain = (word: string): boolean => /^[!-~]*$/.test(word);
