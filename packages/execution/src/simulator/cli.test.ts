import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const cli = (...options: string[]) =>
  spawn(process.execPath, ['--conditions=@perpdesk/source', join(import.meta.dirname, 'cli.ts'), ...options]);

describe('the simulator’s command', () => {
  it('default: it says where it listens, has a moving market and accounts, and ends when told', async () => {
    const account = `0x${'a'.repeat(40)}`;
    const process = cli('--port', '0', '--assets', 'BTC,SOL', '--seed', '7', '--account', `${account}:2500`);
    const lines = createInterface(process.stdout)[Symbol.asyncIterator]();
    const url = String((await lines.next()).value).replace('HTTP ', '');
    expect((await lines.next()).value).toBe(`WebSocket ${url.replace('http', 'ws')}/ws`);
    const ask = async (request: object) =>
      (await fetch(`${url}/info`, { method: 'POST', body: JSON.stringify(request) })).json() as Promise<never>;
    expect(Object.keys(await ask({ type: 'allMids' }))).toEqual(['BTC', 'SOL']);
    expect(await ask({ type: 'clearinghouseState', user: account })).toMatchObject({ withdrawable: '2500.0' });
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('error: it says what it can not read', async () => {
    const process = cli('--assets', 'NONE');
    let said = '';
    process.stderr.on('data', (data) => {
      said += String(data);
    });
    expect((await once(process, 'close'))[0]).not.toBe(0);
    expect(said).toContain('NONE is not listed.');
  });
});
