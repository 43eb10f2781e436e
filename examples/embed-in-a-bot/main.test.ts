import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

it('default: from the feed to a protected paper position, the same each time', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@perpdesk/source', main], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    timeout: 15_000,
  });
  expect(stderr).toBe('');
  const [opinion, entry, stop, equity, ...more] = stdout.trimEnd().split('\n');
  expect(opinion).toMatch(/^Vanta: long 0\.6\d+ The market is /);
  expect(entry).toMatch(/^entry buy 5\.\d\d {2}accepted$/);
  expect(stop).toMatch(/^stop-loss sell 5\.\d\d 17\d\.\d\d accepted$/);
  expect(equity).toMatch(/^equity after twelve hours: 100\d\d\.\d+ USDC$/);
  expect(more).toEqual([]);
});

it('behavior: it stays an example: under 60 lines', () => {
  expect(readFileSync(main, 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
});
