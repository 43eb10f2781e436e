import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { SortableIdGenerator } from '../ids/id-generator.ts';
import { SeededRandom } from '../ids/random.ts';
import type { ApprovedOrder } from '../ports/approved-order.ts';
import { approvalContract, type MakeApprovalAuthority } from '../testing/approval-contract.ts';
import { exampleOrderIntent } from '../testing/example-order-intent.ts';
import { Ed25519ApprovalAuthority } from './ed25519-approval-authority.ts';
import { Ed25519ApprovalVerifier } from './ed25519-approval-verifier.ts';
import { HmacApprovalAuthority } from './hmac-approval-authority.ts';
import { SpentLedger } from './spent-ledger.ts';

const idsOn = (clock: SimulatedClock) => new SortableIdGenerator({ clock, random: new SeededRandom('approval') });
const makeHmac: MakeApprovalAuthority = ({ clock }) => new HmacApprovalAuthority({ clock, ids: idsOn(clock) });
const makeEd25519: MakeApprovalAuthority = ({ clock }) =>
  new Ed25519ApprovalAuthority({ clock, ids: idsOn(clock), privateKey: generateKeyPairSync('ed25519').privateKey });

describe('HmacApprovalAuthority', () => {
  for (const c of approvalContract) it(c.name, () => c.run(makeHmac));

  it('behavior: its key shows in no print of it', () => {
    const clock = new SimulatedClock();
    const authority = makeHmac({ clock });
    const text = `${inspect(authority, { showHidden: true, depth: 9 })}${JSON.stringify(authority)}${inspect(authority.verifier(), { showHidden: true, depth: 9 })}`;
    expect(text).not.toMatch(/KeyObject|Buffer|[0-9a-f]{32}/);
    expect(Reflect.ownKeys(authority)).toEqual([]);
    expect(Reflect.ownKeys(authority.verifier())).toEqual([]);
  });

  it('error: a lifetime above ten seconds', () => {
    const clock = new SimulatedClock();
    for (const lifetimeMs of [10_001, 0, 1.5, Number.NaN]) {
      expect(() => new HmacApprovalAuthority({ clock, ids: idsOn(clock), lifetimeMs })).toThrow(
        expect.objectContaining({ code: 'approval.lifetime' }),
      );
    }
  });

  it('behavior: no change of a single character of an order passes', () => {
    const clock = new SimulatedClock({ startAtMs: 1_000 });
    const authority = makeHmac({ clock });
    const text = JSON.stringify(authority.mint(exampleOrderIntent(), 'decision-1'));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, character) => {
        const changed = `${text.slice(0, at)}${String.fromCharCode(character)}${text.slice(at + 1)}`;
        if (changed === text) return;
        let order: unknown;
        try {
          order = JSON.parse(changed);
        } catch {
          return;
        }
        const outcome = authority.verifier().spend(order as ApprovedOrder, 'user-1');
        expect(outcome.ok).toBe(false);
      }),
      { numRuns: 3_000, seed: 71 },
    );
  });
});

describe('Ed25519ApprovalAuthority', () => {
  const pair = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

  for (const c of approvalContract) it(c.name, () => c.run(makeEd25519));

  it('behavior: another process with the public key alone checks what crossed as JSON', () => {
    const clock = new SimulatedClock({ startAtMs: 5_000 });
    const verifier = new Ed25519ApprovalVerifier({ clock, publicKey: pair.publicKey });
    const authority = new Ed25519ApprovalAuthority({ clock, ids: idsOn(clock), privateKey: pair.privateKey });
    const wire = JSON.stringify(authority.mint(exampleOrderIntent(), 'decision-1'));
    expect(verifier.spend(JSON.parse(wire), 'user-1')).toMatchObject({ ok: true, intent: exampleOrderIntent() });
    expect(verifier.spend(JSON.parse(wire), 'user-1')).toMatchObject({
      ok: false,
      rejection: { code: 'approval.spent' },
    });
  });

  it('behavior: a verifier made after a restart refuses what was issued before it', async () => {
    const clock = new SimulatedClock({ startAtMs: 5_000 });
    const authority = new Ed25519ApprovalAuthority({ clock, ids: idsOn(clock), privateKey: pair.privateKey });
    const order = authority.mint(exampleOrderIntent(), 'decision-1');
    await clock.advanceBy(1);
    const verifier = new Ed25519ApprovalVerifier({ clock, publicKey: pair.publicKey });
    expect(verifier.spend(order, 'user-1')).toMatchObject({
      rejection: { code: 'approval.expired', limit: '5001', actual: '5000' },
    });
  });

  it('behavior: an issuer ahead of the verifier passes within the tolerance only', () => {
    const ahead = new SimulatedClock({ startAtMs: 5_400 });
    const clock = new SimulatedClock({ startAtMs: 5_000 });
    const authority = new Ed25519ApprovalAuthority({ clock: ahead, ids: idsOn(ahead), privateKey: pair.privateKey });
    const spend = (clockToleranceMs: number) =>
      new Ed25519ApprovalVerifier({ clock, publicKey: pair.publicKey, clockToleranceMs }).spend(
        authority.mint(exampleOrderIntent(), 'decision-1'),
        'user-1',
      );
    expect(spend(399)).toMatchObject({
      ok: false,
      rejection: { code: 'approval.expired', limit: '5000', actual: '5400' },
    });
    expect(spend(400).ok).toBe(true);
  });

  it('error: a verifier given a private key, a key of another kind, or rubbish', () => {
    const clock = new SimulatedClock();
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    for (const publicKey of [
      pair.privateKey,
      rsa.publicKey,
      'canary-key-material',
      generateKeyPairSync('ed25519').privateKey,
    ]) {
      expect(() => new Ed25519ApprovalVerifier({ clock, publicKey })).toThrow(
        expect.objectContaining({ code: 'approval.key' }),
      );
    }
    for (const privateKey of [pair.publicKey, rsa.privateKey, 'canary-key-material']) {
      const make = () => new Ed25519ApprovalAuthority({ clock, ids: idsOn(clock), privateKey });
      expect(make).toThrow(expect.objectContaining({ code: 'approval.key' }));
      expect(make).not.toThrow(/canary/);
    }
  });
});

describe('SpentLedger', () => {
  it('behavior: forgets what has expired, so that its memory is bounded', () => {
    const ledger = new SpentLedger();
    for (let nowMs = 0; nowMs < 100_000; nowMs += 10)
      expect(ledger.spend(`id-${nowMs}`, nowMs + 10_000, nowMs)).toBe(true);
    expect(ledger.size).toBe(1_000);
    expect(ledger.spend('id-99990', 109_990, 99_990)).toBe(false);
  });

  it('behavior: a clock set back revives nothing', () => {
    let nowMs = 1_000;
    const clock = Object.assign(new SimulatedClock(), { nowMs: () => nowMs });
    const authority = makeHmac({ clock });
    const order = authority.mint(exampleOrderIntent(), 'decision-1');
    expect(authority.verifier().spend(order, 'user-1').ok).toBe(true);
    nowMs = 20_000;
    authority.verifier().spend(authority.mint(exampleOrderIntent(), 'decision-2'), 'user-1');
    nowMs = 1_000;
    expect(authority.verifier().spend(order, 'user-1')).toMatchObject({ rejection: { code: 'approval.expired' } });
  });
});
