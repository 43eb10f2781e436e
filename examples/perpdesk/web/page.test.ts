import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const browser = '/usr/bin/chromium';
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Starts the product on a free port; gives its address once it says it. */
function startDesk(dataDirectory: string) {
  const args = [
    '--conditions=@perpdesk/source',
    'server/main.ts',
    '--port',
    '0',
    '--data-dir',
    dataDirectory,
    '--speed',
    '120',
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`The desk ended with ${code}: ${said}`)));
  });
  const stop = (): Promise<unknown> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    return ended;
  };
  return { url, stop };
}

describe.skipIf(!existsSync(browser))('the page (needs Chromium at /usr/bin/chromium)', () => {
  it('default: prices move, agents speak, a round is held, and the kill switch asks first', {
    timeout: 90_000,
  }, async () => {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    expect(spawnSync(process.execPath, [vite, 'build', 'web', '--logLevel', 'error'], { cwd: root }).status).toBe(0);
    const folder = mkdtempSync(join(tmpdir(), 'perpdesk-page-'));
    const desk = startDesk(join(folder, 'data'));
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: browser,
      args: flags.split(' '),
      viewport: { width: 1440, height: 900 },
    });
    try {
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(await desk.url);

      const price = page.getByTestId('price-BTC-PERP');
      await price.getByText(/\d/).waitFor();
      const before = await price.textContent();
      await expect.poll(() => price.textContent(), { timeout: 10_000 }).not.toBe(before);
      await page.locator('.chart canvas').first().waitFor({ timeout: 10_000 });
      expect(await page.getByText('PAPER MONEY').count()).toBe(1);
      // Luma speaks at each 5 minutes of the desk's clock, a round is held at each 15: seconds at this speed.
      await page.getByTestId('opinion').first().waitFor({ timeout: 20_000 });
      await page.getByTestId('round').first().waitFor({ timeout: 30_000 });
      await page.getByTestId('event').first().waitFor();

      await page.getByRole('button', { name: 'Kill switch' }).click();
      expect(await page.getByText('HALTED').count()).toBe(0);
      await page.getByRole('button', { name: 'Halt', exact: true }).click();
      await page.getByText('HALTED: no new risk').waitFor({ timeout: 5_000 });
      expect(errors).toEqual([]);
    } finally {
      await context.close();
      await desk.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
