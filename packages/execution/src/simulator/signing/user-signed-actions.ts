import type { TypedField } from './typed-data.ts';

const chain: TypedField = { name: 'hyperliquidChain', type: 'string' };
const text = (name: string): TypedField => ({ name, type: 'string' });
const address = (name: string): TypedField => ({ name, type: 'address' });
const flag = (name: string): TypedField => ({ name, type: 'bool' });
const uint64 = (name: string): TypedField => ({ name, type: 'uint64' });

/** How an action that a wallet shows its owner is typed under EIP-712. */
export interface UserSignedAction {
  readonly primaryType: string;
  readonly fields: readonly TypedField[];
}

/**
 * The actions signed field by field with the `HyperliquidSignTransaction` domain, by their `type` on the wire.
 * After hyperliquid-python-sdk (hyperliquid/utils/signing.py).
 */
export const userSignedActions: Readonly<Record<string, UserSignedAction>> = {
  usdSend: typed('UsdSend', [text('destination'), text('amount'), uint64('time')]),
  withdraw3: typed('Withdraw', [text('destination'), text('amount'), uint64('time')]),
  usdClassTransfer: typed('UsdClassTransfer', [text('amount'), flag('toPerp'), uint64('nonce')]),
  spotSend: typed('SpotSend', [text('destination'), text('token'), text('amount'), uint64('time')]),
  sendAsset: typed('SendAsset', [
    text('destination'),
    text('sourceDex'),
    text('destinationDex'),
    text('token'),
    text('amount'),
    text('fromSubAccount'),
    uint64('nonce'),
  ]),
  approveAgent: typed('ApproveAgent', [address('agentAddress'), text('agentName'), uint64('nonce')]),
  approveBuilderFee: typed('ApproveBuilderFee', [text('maxFeeRate'), address('builder'), uint64('nonce')]),
  userDexAbstraction: typed('UserDexAbstraction', [address('user'), flag('enabled'), uint64('nonce')]),
  userSetAbstraction: typed('UserSetAbstraction', [address('user'), text('abstraction'), uint64('nonce')]),
  tokenDelegate: typed('TokenDelegate', [address('validator'), uint64('wei'), flag('isUndelegate'), uint64('nonce')]),
  cDeposit: typed('CDeposit', [uint64('wei'), uint64('nonce')]),
  cWithdraw: typed('CWithdraw', [uint64('wei'), uint64('nonce')]),
};

function typed(name: string, fields: readonly TypedField[]): UserSignedAction {
  return { primaryType: `HyperliquidTransaction:${name}`, fields: [chain, ...fields] };
}
