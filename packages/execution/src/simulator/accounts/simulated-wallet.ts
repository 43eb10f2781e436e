import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { addressOf } from '../signing/recover-signer.ts';

/** A key for a simulated exchange, and its address. Anybody can reckon it: never for money. */
export interface SimulatedWallet {
  readonly address: `0x${string}`;
  readonly privateKey: `0x${string}`;
}

/** The wallet of a number from 1 on: the same number, the same key. */
export function simulatedWallet(number: number): SimulatedWallet {
  const key = hexToBytes(number.toString(16).padStart(64, '0'));
  return {
    address: addressOf(secp256k1.getPublicKey(key, false)) as `0x${string}`,
    privateKey: `0x${bytesToHex(key)}`,
  };
}
