import { fieldsOf } from '../wire-values.ts';
import { binanceFamily } from './binance-family.ts';

const isTrue = (value: unknown): boolean => value === true || value === 'true';

/**
 * Binance USDⓈ-M. Conditional orders are "algo orders" with endpoints of their own, which plain open orders and cancel-all
 * leave out; here they are always both asked. A client order id is unique among open orders alone. Requests are taken within a
 * receive window that ends with the authorisation. Open orders can not be changed as a kind: stops can not.
 * Names: developers.binance.com/docs/derivatives/usds-margined-futures.
 */
export const binance = binanceFamily({
  venue: 'binance',
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
    // Timestamps up to a second ahead of its clock are taken.
    landsLateByMs: 1_000,
  },
  secrets: ['apiKey', 'secret'],
  identity: ({ apiKey = '' }) => apiKey,
  api: 'fapiPrivate',
  version: '',
  positions: { api: 'fapiPrivateV2', path: 'positionRisk' },
  account: { api: 'fapiPrivateV3', path: 'account' },
  algoOrders: true,
  async fetchKeyReport(account) {
    const request = { method: 'GET', params: {} } as const;
    const key = fieldsOf(await account.read({ ...request, api: 'sapi', path: 'account/apiRestrictions' }));
    const mode = fieldsOf(
      await account.read({ ...request, api: 'fapiPrivate', path: 'positionSide/dual', weight: 30 }),
    );
    return {
      canTrade: isTrue(key?.enableFutures),
      // Internal transfers reach other accounts.
      canWithdraw: isTrue(key?.enableWithdrawals) || isTrue(key?.enableInternalTransfer),
      hedgeMode: isTrue(mode?.dualSidePosition),
    };
  },
});
