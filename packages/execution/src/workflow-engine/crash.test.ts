import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./crash.process.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-crash-'));
const postgresUrl = process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
const postgres = await openDatabase({ url: postgresUrl, connections: 1 }).catch(() => undefined);
const points = ['before place', 'in place', 'after place'] as const;

interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

function run(url: string, effects: string, killAt = ''): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      '--conditions=@perpdesk/source',
      '--no-warnings',
      script,
      url,
      effects,
      killAt,
    ]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      output += data.toString();
    });
    child.on('error', reject);
    child.on('exit', (_, signal) => resolve({ signal, output }));
  });
}

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres?.close();
});

async function crashAt(point: string, url: string, effects: string): Promise<void> {
  expect(await run(url, effects, point)).toMatchObject({ signal: 'SIGKILL' });
  expect(await run(url, effects)).toEqual({ signal: null, output: 'succeeded settled' });
  const lines = readFileSync(effects, 'utf8').trim().split('\n');
  // A call may repeat only inside the step that was killed, and then under the same id.
  const expected = point === 'in place' ? ['prepare', 'place', 'place', 'settle'] : ['prepare', 'place', 'settle'];
  expect(lines.map((line) => line.split(' ')[0])).toEqual(expected);
  expect(new Set(lines).size).toBe(3);
}

describe('a process killed with -9', () => {
  it('behavior: before, in and after a step, on SQLite: the next process goes on, and no other step is repeated', async () => {
    await Promise.all(
      points.map((point, index) =>
        crashAt(point, `sqlite:${join(folder, `${index}.db`)}`, join(folder, `${index}.log`)),
      ),
    );
  }, 60_000);

  it.skipIf(postgres === undefined)(
    'behavior: before, in and after a step, on PostgreSQL: the next process goes on, and no other step is repeated (skipped without PostgreSQL)',
    async () => {
      if (postgres === undefined) return;
      const schemas = points.map((_, index) => `perpdesk_crash_${process.pid}_${index}`);
      for (const schema of schemas) await sql`create schema ${sql.id(schema)}`.execute(postgres.kysely);
      try {
        await Promise.all(
          points.map((point, index) => {
            const url = new URL(postgresUrl);
            url.searchParams.set('options', `-c search_path=${schemas[index]}`);
            return crashAt(point, url.href, join(folder, `postgres-${index}.log`));
          }),
        );
      } finally {
        for (const schema of schemas) await sql`drop schema ${sql.id(schema)} cascade`.execute(postgres.kysely);
      }
    },
    60_000,
  );
});
