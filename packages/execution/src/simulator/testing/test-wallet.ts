import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { addressOf } from '../signing/recover-signer.ts';
import { type TypedField, typedDataDigest } from '../signing/typed-data.ts';

/** A wallet as viem's local accounts are: an address and `signTypedData`. */
export interface TestWallet {
  readonly address: `0x${string}`;
  readonly privateKey: `0x${string}`;
  signTypedData(data: {
    readonly domain: { readonly name?: string; readonly version?: string; readonly chainId?: number };
    readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
    readonly primaryType: string;
    readonly message: Readonly<Record<string, unknown>>;
  }): Promise<`0x${string}`>;
}

/** A wallet of a number: the same number, the same key. */
export function testWallet(number: number): TestWallet {
  const key = hexToBytes(number.toString(16).padStart(64, '0'));
  return {
    address: addressOf(secp256k1.getPublicKey(key, false)) as `0x${string}`,
    privateKey: `0x${bytesToHex(key)}`,
    async signTypedData(data) {
      const digest = typedDataDigest({
        domain: {
          name: data.domain.name ?? '',
          version: data.domain.version ?? '',
          chainId: data.domain.chainId ?? 0,
        },
        primaryType: data.primaryType,
        fields: (data.types[data.primaryType] ?? []) as readonly TypedField[],
        message: data.message,
      });
      const signature = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' });
      const recovery = 27 + (signature[0] ?? 0);
      return `0x${bytesToHex(signature.subarray(1))}${recovery.toString(16)}`;
    },
  };
}
