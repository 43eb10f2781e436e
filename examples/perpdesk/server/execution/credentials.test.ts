import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { HyperliquidSimulator } from '@perpdesk/execution/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../testing/product.ts';
import { agent, owner, placeEnvironment, secretLines, startTradingPlace } from '../testing/trading-place.ts';

const place = new Workplace();
let exchange: HyperliquidSimulator;
beforeAll(async () => {
  exchange = await startTradingPlace();
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await exchange.stop();
});

const run = (line: string, input = '', environment: Record<string, string> = {}) =>
  place.run(line.split(' '), { ...placeEnvironment(exchange), ...environment }, input);
const trade = '--execution hyperliquid --venues hyperliquid --headless --data-dir';

describe('keys of a venue', { timeout: 60_000 }, () => {
  it('default: tested, kept encrypted, and said what they may; forgotten when asked to', async () => {
    expect(await run('--save-credentials hyperliquid --data-dir keys', secretLines)).toEqual({
      ...{ code: 0, error: '' },
      out: 'The keys for hyperliquid (testnet) are kept, encrypted, in keys/vault-testnet.db. They may trade and read the account; they may not withdraw.\n',
    });
    const files = readdirSync(place.file('keys'));
    expect(files).toEqual(expect.arrayContaining(['vault-testnet.db', 'vault.key']));
    expect(statSync(place.file('keys/vault.key')).mode & 0o077).toBe(0);
    for (const file of files) {
      const bytes = readFileSync(place.file(`keys/${file}`)).toString('latin1');
      expect([file, bytes.includes(agent.privateKey.slice(2, 34))]).toEqual([file, false]);
    }
    // Keys of a test net open nothing elsewhere.
    const live = await run(`${trade} keys --network mainnet --real-money`);
    expect([live.code, live.error]).toEqual([
      1,
      'perpdesk: There are no keys for hyperliquid in keys/vault-mainnet.db: npm start -- --save-credentials hyperliquid --network mainnet\n'.replace(
        'in keys',
        `in ${place.file('keys')}`,
      ),
    ]);
    expect(await run('--forget-credentials hyperliquid --data-dir keys')).toMatchObject({ code: 0, error: '' });
    const none = await run(`${trade} keys`);
    expect([none.code, none.error]).toEqual([1, expect.stringContaining('There are no keys for hyperliquid')]);
  });

  it('error: a key that can withdraw, one of nobody, and one that is not whole are not kept', async () => {
    const save = '--save-credentials hyperliquid --data-dir refused';
    const own = await run(save, '', {
      ...{ PERPDESK_HYPERLIQUID_WALLET_ADDRESS: owner.address, PERPDESK_HYPERLIQUID_PRIVATE_KEY: owner.privateKey },
    });
    expect([own.code, own.out]).toEqual([1, '']);
    expect(own.error).toContain('were not kept. The key may withdraw; make one that may only trade.');
    const stranger = `0x${'7'.repeat(64)}`;
    const nobody = await run(save, `walletAddress=${owner.address}\nprivateKey=${stranger}`);
    expect([nobody.code, nobody.error]).toEqual([1, expect.stringContaining('The key may not trade.')]);
    const half = await run(save, `walletAddress=${owner.address}`);
    expect([half.code, half.error]).toEqual([
      1,
      expect.stringContaining('hyperliquid needs privateKey: set PERPDESK_HYPERLIQUID_PRIVATE_KEY'),
    ]);
    for (const ended of [own, nobody, half])
      expect(ended.out + ended.error).not.toMatch(new RegExp(`${owner.privateKey.slice(2)}|${stranger.slice(2)}`));
    expect((await run(`${trade} refused`)).error).toContain('There are no keys for hyperliquid');
  });
});
