import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type ActionSeal, actionHash } from './action-hash.ts';
import { type TypedData, typedDataDigest } from './typed-data.ts';
import { userSignedActions } from './user-signed-actions.ts';

/** An ECDSA signature as it travels: `r` and `s` as `0x` hexadecimals, `v` 27 or 28. */
export interface WireSignature {
  readonly r: string;
  readonly s: string;
  readonly v: number;
}

/** An action as it came, with what its signature covers. */
export interface SignedAction extends ActionSeal {
  readonly action: Readonly<Record<string, unknown>>;
  readonly signature: WireSignature;
}

const agentFields = [
  { name: 'source', type: 'string' },
  { name: 'connectionId', type: 'bytes32' },
] as const;

/** True for actions whose fields the wallet signs one by one; the others are signed as the hash of all. */
export const isUserSigned = (action: Readonly<Record<string, unknown>>): boolean =>
  typeof action.type === 'string' && Object.hasOwn(userSignedActions, action.type);

/**
 * The address whose key signed an action, in lower case, or undefined where the bytes are no signature at all. Anything else
 * than what was signed recovers to an address that nobody has: that is how the venue finds forgeries.
 *
 * L1 actions: EIP-712 domain `Exchange`, chain 1337, struct `Agent(source, connectionId)` with source `a` on mainnet and `b`
 * on testnet. User-signed ones: domain `HyperliquidSignTransaction` and the chain the action names.
 */
export function recoverSigner(signed: SignedAction, network: 'mainnet' | 'testnet'): string | undefined {
  try {
    const digest = typedDataDigest(
      isUserSigned(signed.action) ? userSignedData(signed.action) : phantomAgent(signed, network),
    );
    return recoverAddress(digest, signed.signature);
  } catch {
    return undefined;
  }
}

/** The address that signed a digest. @throws Error when it is no signature. */
export function recoverAddress(digest: Uint8Array, signature: WireSignature): string {
  const point = new secp256k1.Signature(
    BigInt(signature.r),
    BigInt(signature.s),
    signature.v >= 27 ? signature.v - 27 : signature.v,
  ).recoverPublicKey(digest);
  return addressOf(point.toBytes(false));
}

/** The address of an uncompressed public key (65 bytes): the last 20 bytes of its keccak. */
export const addressOf = (publicKey: Uint8Array): string =>
  `0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(12))}`;

function phantomAgent(signed: SignedAction, network: 'mainnet' | 'testnet'): TypedData {
  return {
    domain: { name: 'Exchange', version: '1', chainId: 1337 },
    primaryType: 'Agent',
    fields: agentFields,
    message: {
      source: network === 'mainnet' ? 'a' : 'b',
      connectionId: bytesToHex(actionHash(signed.action, signed)),
    },
  };
}

function userSignedData(action: Readonly<Record<string, unknown>>): TypedData {
  const type = userSignedActions[String(action.type)];
  if (type === undefined) throw new RangeError(`${String(action.type)} is not a user-signed action.`);
  return {
    domain: {
      name: 'HyperliquidSignTransaction',
      version: '1',
      chainId: Number.parseInt(String(action.signatureChainId), 16),
    },
    ...type,
    message: action,
  };
}
