import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

it('default: sweeps, judges and writes up, the same each time', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perpdesk-example-'));
  const page = join(folder, 'report.html');
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@perpdesk/source', main, page],
      { env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }, timeout: 50_000 },
    );
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      '9 combinations over 8640 bars, best 73384.56',
      '6 folds: 18766.62 where chosen, 12638.35 where judged',
      '62 trades, drawdown 20.0 %',
      'in 19 of 20 orders of them no deeper than 36.8 %',
    ]);
    expect(readFileSync(page, 'utf8')).toContain('<title>Cross of two averages</title>');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('behavior: it stays an example: under 60 lines', () => {
  expect(readFileSync(main, 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
});
