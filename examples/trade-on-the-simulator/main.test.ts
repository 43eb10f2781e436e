import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

it('default: keys are tested, a position is entered, protected and closed at the exchange, and the books agree', {
  timeout: 30_000,
}, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@perpdesk/source', main], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    timeout: 25_000,
  });
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toEqual([
    'keys: ok true - may withdraw: no',
    'entry buy accepted',
    'stop-loss sell accepted',
    'at the exchange: 0.1 ETH and a stop-loss',
    'exit sell accepted',
    'equity: as in the ledger',
    'asked for, besides orders: nothing',
  ]);
});

it('behavior: it stays an example: under 60 lines', () => {
  expect(readFileSync(main, 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
});
