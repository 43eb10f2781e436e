import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDatabases } from '@perpdesk/core/testing';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./crash.process.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-crash-'));
const databases = (await testDatabases()).filter(({ title }) => title !== 'SQLite in memory');
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

afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  for (const { title, available, make } of databases) {
    it.skipIf(!available)(
      `behavior: before, in and after a step, on ${title}: the next process goes on, and no other step is repeated`,
      async () => {
        const files = await Promise.all(points.map(make));
        try {
          await Promise.all(
            points.map((point, index) =>
              crashAt(point, files[index]?.url ?? '', join(folder, `${title.slice(0, 6)}-${index}.log`)),
            ),
          );
        } finally {
          for (const file of files) await file.drop();
        }
      },
      60_000,
    );
  }
});
