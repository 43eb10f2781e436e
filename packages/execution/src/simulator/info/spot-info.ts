import type { InfoHandler } from './info-request.ts';

/** The one token: what perpetual contracts are margined in. No pair trades. */
const spotMeta = {
  tokens: [
    {
      name: 'USDC',
      szDecimals: 8,
      weiDecimals: 8,
      index: 0,
      tokenId: '0x6d1e7cde53ba9467b783cb7c530ce054',
      isCanonical: true,
      evmContract: null,
      fullName: null,
      deployerTradingFeeShare: '0.0',
    },
  ],
  universe: [],
};

/** The requests about spot markets, which this exchange lacks: valid and empty. */
export function spotInfo(): Readonly<Record<string, InfoHandler>> {
  return {
    spotMeta: () => spotMeta,
    spotMetaAndAssetCtxs: () => [spotMeta, []],
    spotClearinghouseState: () => ({ balances: [] }),
  };
}
