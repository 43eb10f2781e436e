import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { canonicalJson } from '../events/json.ts';
import type { AuditEntry, AuditLog, AuditRecord } from '../ports/audit-log.ts';
import type { ContractCase } from './contract-case.ts';
import { findSecrets } from './find-secrets.ts';

/** Makes an empty, running audit log on this clock. */
export type MakeAuditLog = (options: {
  readonly clock: SimulatedClock;
}) => Promise<{ readonly log: AuditLog; readonly close: () => Promise<void> }>;

const record = (subject: string): AuditRecord => ({
  action: 'limit.changed',
  actor: 'user:user-1',
  subject,
  details: { from: 3, to: 6, nested: { list: [1, 'two', null, true] } },
});

/** Checks the chain as the port describes it, with no code of the log's own. */
function assertChain(entries: readonly AuditEntry[], previousHash: string): void {
  let last = previousHash;
  for (const { hash, ...content } of entries) {
    assert.equal(
      hash,
      createHash('sha256')
        .update(`${last}\n${canonicalJson(content)}`)
        .digest('hex'),
    );
    last = hash;
  }
}

function scenario(
  name: string,
  run: (log: AuditLog, clock: SimulatedClock) => Promise<void>,
): ContractCase<MakeAuditLog> {
  return {
    name,
    run: async (make) => {
      const clock = new SimulatedClock({ startAtMs: 1_700_000_000_000 });
      const { log, close } = await make({ clock });
      try {
        await run(log, clock);
      } finally {
        await close();
      }
    },
  };
}

/** What every AuditLog keeps to. */
export const auditLogContract: readonly ContractCase<MakeAuditLog>[] = [
  scenario('default: entries are numbered from 1, stamped by the clock and chained', async (log, clock) => {
    assert.ok(log.writable());
    const first = await log.append({ ...record('user:user-1'), traceId: 'trace-1' });
    await clock.advanceBy(1_000);
    const second = await log.append(record('user:user-2'));
    assert.equal(first.sequence, 1);
    assert.equal(first.atMs, 1_700_000_000_000);
    assert.equal(first.traceId, 'trace-1');
    assert.deepEqual({ ...first.details }, record('').details);
    assert.equal(second.sequence, 2);
    assert.equal(second.atMs, 1_700_000_001_000);
    assertChain([first, second], '0'.repeat(64));
  }),
  scenario('behavior: appends at once follow one another in the order they were asked', async (log) => {
    const entries = await Promise.all(Array.from({ length: 1_200 }, (_, i) => log.append(record(`order:${i}`))));
    assert.deepEqual(
      entries.map(({ sequence }) => sequence),
      entries.map((_, i) => i + 1),
    );
    assert.deepEqual(
      entries.map(({ subject }) => subject),
      entries.map((_, i) => `order:${i}`),
    );
    assertChain(entries, '0'.repeat(64));
  }),
  scenario('behavior: what was given may be changed afterwards', async (log) => {
    const details = { to: 6 };
    const appended = log.append({ ...record('user:user-1'), details });
    details.to = 60;
    assert.deepEqual({ ...(await appended).details }, { to: 6 });
  }),
  scenario('behavior: neither secrets nor unseen characters are kept', async (log) => {
    const secret = 'c4n4ry-9f8e7d';
    const entry = await log.append({
      action: 'venue.connected',
      actor: 'user:user-1',
      subject: 'venue:x\n{"forged":true}\u202e',
      details: { apiKey: secret, nested: { Authorization: `Bearer ${secret}` } },
    });
    assert.deepEqual(findSecrets(JSON.stringify(entry), [secret]), []);
    assert.equal(entry.subject, 'venue:x\\u{a}{"forged":true}\\u{202e}');
  }),
];
