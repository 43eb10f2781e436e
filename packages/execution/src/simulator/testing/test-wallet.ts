import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { type SimulatedWallet, simulatedWallet } from '../accounts/simulated-wallet.ts';
import { type TypedField, typedDataDigest } from '../signing/typed-data.ts';

/** A wallet as viem's local accounts are: an address and `signTypedData`. */
export interface TestWallet extends SimulatedWallet {
  signTypedData(data: {
    readonly domain: { readonly name?: string; readonly version?: string; readonly chainId?: number };
    readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
    readonly primaryType: string;
    readonly message: Readonly<Record<string, unknown>>;
  }): Promise<`0x${string}`>;
}

/** A wallet of a number: the same number, the same key. */
export function testWallet(number: number): TestWallet {
  const wallet = simulatedWallet(number);
  const key = hexToBytes(wallet.privateKey.slice(2));
  return {
    ...wallet,
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
