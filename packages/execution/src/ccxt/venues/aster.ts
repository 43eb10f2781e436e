import { fieldsOf } from '../wire-values.ts';
import { binanceFamily } from './binance-family.ts';

/**
 * Aster: Binance's interface, signed by a wallet. Stops are ordinary orders with a trigger. Its signature carries no expiry, and how
 * long it takes a nonce is not stated: a minute is assumed. It has no test net that ccxt knows. The key given is that of an
 * agent (`signerAddress` of its account) or of the account itself; which of the two the venue does not tell.
 * Names: docs.asterdex.com, github.com/asterdex/api-docs.
 */
export const aster = binanceFamily({
  venue: 'aster',
  capabilities: {
    kind: 'live',
    amend: false,
    protection: 'order',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'unique-among-open',
    maxBatch: 5,
    nativeProtection: 'order',
    cancelAll: 'instrument',
    deadMansSwitch: 'instrument',
    landsLateByMs: 60_000,
  },
  secrets: ['privateKey'],
  identity: ({ walletAddress = '' }) => walletAddress,
  ccxtOptions: ({ signerAddress }) => ({
    defaultType: 'swap',
    ...(signerAddress === undefined ? {} : { signerAddress }),
  }),
  api: 'fapiPrivate',
  version: 'v3/',
  positions: { api: 'fapiPrivate', path: 'v3/positionRisk' },
  account: { api: 'fapiPrivate', path: 'v3/account' },
  algoOrders: false,
  async fetchKeyReport(account) {
    const request = { method: 'GET', params: {}, api: 'fapiPrivate' } as const;
    const mode = fieldsOf(await account.read({ ...request, path: 'v3/positionSide/dual', weight: 30 }));
    const hedgeMode = mode?.dualSidePosition === true || mode?.dualSidePosition === 'true';
    return { canTrade: undefined, canWithdraw: undefined, hedgeMode };
  },
});
