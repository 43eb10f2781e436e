import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { actionHash } from './action-hash.ts';
import { recoverSigner } from './recover-signer.ts';

/** Order and hashes of hyperliquid-python-sdk's own tests (tests/signing_test.py). */
const production = {
  type: 'order',
  orders: [{ a: 4, b: true, p: '1670.1', s: '0.0147', r: false, t: { limit: { tif: 'Ioc' } } }],
  grouping: 'na',
};
const order = {
  type: 'order',
  orders: [{ a: 1, b: true, p: '100', s: '100', r: false, t: { limit: { tif: 'Gtc' } } }],
  grouping: 'na',
};
const signer = '0x14791697260e4c9a71f18484c9f997b308e59325';
const mainnet = {
  r: '0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e',
  s: '0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e',
  v: 28,
};
const testnet = {
  r: '0x82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54',
  s: '0x6b53878fc99d26047f4d7e8c90eb98955a109f44209163f52d8dc4278cbbd9f5',
  v: 27,
};

describe('actionHash', () => {
  it('default: the hash of an order the venue took', () => {
    expect(bytesToHex(actionHash(production, { nonce: 1_677_777_606_040 }))).toBe(
      '0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908',
    );
  });

  it('behavior: numbers are hashed as the venue writes them, keys in the order they came in', () => {
    const hash = (action: unknown) => bytesToHex(actionHash(action, { nonce: 1 }));
    const [first] = production.orders;
    const padded = { ...production, orders: [{ ...first, p: '1670.10' }] };
    expect(hash(padded)).toBe(hash(production));
    const { type, ...rest } = production;
    expect(hash({ ...rest, type })).not.toBe(hash(production));
  });

  it('behavior: vault and expiry are part of it', () => {
    const seals = [
      { nonce: 1 },
      { nonce: 2 },
      { nonce: 1, vaultAddress: '0x1719884eb866cb12b2287399b15f7db5e7d775ea' },
      { nonce: 1, expiresAfter: 5 },
    ];
    expect(new Set(seals.map((seal) => bytesToHex(actionHash(order, seal)))).size).toBe(4);
  });
});

describe('recoverSigner', () => {
  it('default: the signer of the reference implementation, on its network alone', () => {
    expect(recoverSigner({ action: order, nonce: 0, signature: mainnet }, 'mainnet')).toBe(signer);
    expect(recoverSigner({ action: order, nonce: 0, signature: testnet }, 'testnet')).toBe(signer);
    expect(recoverSigner({ action: order, nonce: 0, signature: mainnet }, 'testnet')).not.toBe(signer);
  });

  it('behavior: user-signed actions are recovered field by field', () => {
    const action = {
      type: 'usdSend',
      signatureChainId: '0x66eee',
      hyperliquidChain: 'Testnet',
      destination: '0x5e9ee1089755c3435139848e47e6635505d5a13a',
      amount: '1',
      time: 1_687_816_341_423,
    };
    const signature = {
      r: '0x637b37dd731507cdd24f46532ca8ba6eec616952c56218baeff04144e4a77073',
      s: '0x11a6a24900e6e314136d2592e2f8d502cd89b7c15b198e1bee043c9589f9fad7',
      v: 27,
    };
    expect(recoverSigner({ action, nonce: 0, signature }, 'testnet')).toBe(signer);
    expect(recoverSigner({ action: { ...action, amount: '2' }, nonce: 0, signature }, 'testnet')).not.toBe(signer);
  });

  it('error: bytes that are no signature recover to nobody', () => {
    expect(recoverSigner({ action: order, nonce: 0, signature: { ...mainnet, r: '0x0' } }, 'mainnet')).toBeUndefined();
  });
});
