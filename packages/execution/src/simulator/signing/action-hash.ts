import { encode } from '@msgpack/msgpack';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { Decimal } from '@perpdesk/core';

/** What an L1 action's signature covers besides the action. */
export interface ActionSeal {
  /** Milliseconds since the epoch. */
  readonly nonce: number;
  /** With or without `0x`. */
  readonly vaultAddress?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAfter?: number | undefined;
}

/**
 * The hash a phantom agent carries: keccak(msgpack(action) ‖ nonce ‖ vault ‖ expiry), the numbers as 8 bytes big-endian, the
 * vault as 0x00 or 0x01 and 20 bytes, the expiry as 0x00 and 8 bytes where there is one. Keys are packed in the order they
 * came in. After `action_hash` of hyperliquid-python-sdk (hyperliquid/utils/signing.py).
 *
 * As at the venue, numbers are packed as it would write them itself: a price sent with trailing zeros is hashed without
 * them, so that the signature of a client that packed the zeros recovers to a stranger.
 */
export function actionHash(action: unknown, seal: ActionSeal): Uint8Array {
  const vault = seal.vaultAddress?.replace(/^0x/i, '');
  return keccak_256(
    concatBytes(
      encode(asTheVenueWrites(action)),
      uint64(seal.nonce),
      vault === undefined ? Uint8Array.of(0) : concatBytes(Uint8Array.of(1), hexToBytes(vault)),
      seal.expiresAfter === undefined ? new Uint8Array() : concatBytes(Uint8Array.of(0), uint64(seal.expiresAfter)),
    ),
  );
}

const decimalFields = new Set(['p', 's', 'triggerPx']);

function asTheVenueWrites(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => asTheVenueWrites(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, asTheVenueWrites(entry, key)]));
  }
  if (typeof value !== 'string') return value;
  if (decimalFields.has(field) && /^-?\d+(\.\d+)?$/.test(value)) return new Decimal(value).toFixed();
  return /^0x[0-9a-f]+$/i.test(value) ? value.toLowerCase() : value;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
