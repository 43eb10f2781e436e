import type { CcxtVenueName } from '@perpdesk/execution/ccxt';

/**
 * Where a test net's market data comes from: its prices are its own, and an order must be judged by those it meets. Hosts as in
 * the venues' documentation and ccxt 4.5.84; OKX answers requests for both at one host and tells them apart on sockets.
 */
export const testNetOrigins: Readonly<Partial<Record<CcxtVenueName, { readonly http: string; readonly ws: string }>>> =
  {
    hyperliquid: { http: 'https://api.hyperliquid-testnet.xyz', ws: 'wss://api.hyperliquid-testnet.xyz' },
    lighter: { http: 'https://testnet.zklighter.elliot.ai', ws: 'wss://testnet.zklighter.elliot.ai' },
    binance: { http: 'https://demo-fapi.binance.com', ws: 'wss://fstream.binancefuture.com' },
    bybit: { http: 'https://api-testnet.bybit.com', ws: 'wss://stream-testnet.bybit.com' },
    okx: { http: 'https://www.okx.com', ws: 'wss://wspap.okx.com:8443' },
  };
