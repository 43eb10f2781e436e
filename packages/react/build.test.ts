// biome-ignore-all lint/correctness/noNodejsModules: tests run on Node
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const tsup = join(dirname(createRequire(import.meta.url).resolve('tsup')), 'cli-default.js');

it('behavior: built modules keep their "use client" and import each other as files', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'perpdesk-react-'));
  try {
    const cwd = import.meta.dirname;
    await promisify(execFile)(process.execPath, [tsup, '--no-dts', '--silent', '--out-dir', outDir], { cwd });
    const built = (file: string): Promise<string> => readFile(join(outDir, file), 'utf8');
    for (const file of ['provider.js', 'hooks/use-desk.js', 'hooks/use-candles.js', 'hooks/use-desk-actions.js'])
      expect((await built(file)).split('\n')[0]).toBe('"use client";');
    expect(await built('index.js')).not.toContain('use client');
    expect(await built('hooks/use-desk.js')).toContain('from "../provider.js"');
  } finally {
    await rm(outDir, { recursive: true });
  }
});
