import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { toSize, ValidationError } from '@perpdesk/core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleApproval, exampleProposal, exampleRound, exampleSignal } from '../server/http/testing/example-data.ts';
import { servePage } from '../server/http/testing/page-server.ts';

const executablePath = '/usr/bin/chromium';
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
/** First load, compressed: what DESIGN's interface notes ask for. */
const firstLoadBudget = 175 * 1024;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perpdesk-web-'));
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const args = [vite, 'build', '--logLevel', 'error', '--outDir', join(directory, 'dist')];
  // As for a user: the test runner's own NODE_ENV would build React for development.
  await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_ENV: 'production' },
  });
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the built page', () => {
  it('behavior: its first load is small, and the chart comes after', async () => {
    const dist = join(directory, 'dist');
    const html = await readFile(join(dist, 'index.html'), 'utf8');
    const first = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
    const sizes = await Promise.all(first.map(async (file) => gzipSync(await readFile(join(dist, file))).length));
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThan(firstLoadBudget);
    const chart = (await readdir(join(dist, 'assets'))).filter((file) => file.startsWith('price-chart'));
    expect(chart).toHaveLength(1);
    expect(html).not.toContain(chart[0]);
  });
});

describe.skipIf(!existsSync(executablePath))('the page (needs Chromium at /usr/bin/chromium)', () => {
  let context: BrowserContext;
  let served: Awaited<ReturnType<typeof servePage>>;
  let page: Page;
  let moving: NodeJS.Timeout;
  const complaints: string[] = [];

  beforeAll(async () => {
    served = await servePage(join(directory, 'dist'));
    context = await chromium.launchPersistentContext(join(directory, 'profile'), {
      executablePath,
      headless: true,
      args: flags.split(' '),
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    moving = setInterval(() => void served.move(), 50);
    await page.goto(served.url);
    await page.getByText('● connected').waitFor();
  }, 60_000);
  afterAll(async () => {
    clearInterval(moving);
    await context.close();
    await served.close();
  });

  it('default: prices move, the chart is drawn, every panel tells what the desk does', async () => {
    const price = page.getByTestId('price-BTC-PERP');
    const before = await price.textContent();
    await expect.poll(() => price.textContent()).not.toBe(before);
    await page.locator('figure[aria-label^="Candles of BTC-PERP, 1m"] canvas').first().waitFor();

    expect(await page.getByTestId('opinion').allTextContents()).toEqual([
      expect.stringMatching(/^vanta▲ long.*\+72/),
      expect.stringMatching(/^luma▲ long.*\+46/),
      expect.stringMatching(/^meridian■ neutral.*\+4/),
    ]);
    const rounds = page.getByTestId('round');
    expect(await rounds.count()).toBe(3);
    expect(await rounds.nth(1).textContent()).toMatch(
      /plan published, 73 %.*asks meridian again, because it named no evidence: Is there.*luma.*devil’s advocate, no vote.*short.*strength 40 %.*meridian \(model\.timeout\).*result72\.7 %/,
    );
    expect(await rounds.nth(2).textContent()).toContain('stood aside: fewer than two votes on one side');

    expect(await page.getByTestId('record').allTextContents()).toEqual(['412 scored, hit rate 51 %, skill −0.03']);
    const held = page.getByTestId('position').first();
    expect(await held.textContent()).toMatch(/^BTC-PERP▲ long 6×0\.01234117,905/);
    expect(await held.locator('td').nth(5).textContent()).toBe('115,780');
    expect(await page.getByTestId('event').first().textContent()).toMatch(/^order\.refused.*price\.collar/);
  });

  it('behavior: another market and timeframe show their own', async () => {
    await page.getByRole('button', { name: 'ETH-PERP', exact: false }).first().click();
    await page.getByRole('button', { name: '15m' }).click();
    await page.locator('figure[aria-label^="Candles of ETH-PERP, 15m"] canvas').first().waitFor();
    expect(await page.getByTestId('opinion').first().textContent()).toMatch(/^vanta▼ short.*−72/);
    await page.getByRole('button', { name: 'BTC-PERP', exact: false }).first().click();
  });

  it('behavior: a position without a full stop is told as that', async () => {
    const [held, ...rest] = served.state.positions;
    if (held === undefined) throw new Error('The example desk holds no position.');
    served.state.positions = [{ ...held, size: toSize('0.02') }, ...rest];
    await served.publish({
      type: 'protection.missing',
      key: 'demo',
      userId: 'demo',
      payload: { userId: 'demo', venue: 'paper', instrumentId: held.instrumentId, uncovered: held.size },
    });
    await page.getByText('not covered').waitFor();
    served.state.positions = [held, ...rest];
    await served.publish({ type: 'position.changed', key: 'demo', userId: 'demo', payload: held });
    await page.getByText('not covered').waitFor({ state: 'detached' });
  });

  it('behavior: what the journal says is text, never markup', async () => {
    const reason = '<img src=x onerror="document.title=1">';
    const round = exampleRound('BTC-PERP', 1);
    await served.publish({ type: 'service.failed', key: 'x', payload: { service: 'x', message: reason } });
    await served.publish({ type: 'round.opened', key: 'BTC-PERP', payload: round });
    await page.getByTestId('event').getByText(reason).waitFor();
    expect(await page.title()).toBe('PerpDesk');
  });

  it('behavior: a question is asked by keyboard, and its answer says what it rests on', async () => {
    const messages = page.getByTestId('message');
    expect(await messages.nth(1).textContent()).toMatch(/^vantarules12:00Vanta sees.*Rests on opinion of 11:59$/);
    served.acts.length = 0;
    served.state.answer = { text: 'It is <b>long</b>.', conversationId: exampleProposal.conversationId };
    await page.getByLabel('Ask the desk').fill('  And now? ');
    await page.keyboard.press('Enter');
    await messages.nth(5).waitFor();
    expect(await messages.nth(5).textContent()).toContain('It is <b>long</b>.');
    expect(served.acts).toEqual([
      ['ask', { userId: 'demo', conversationId: exampleProposal.conversationId, text: 'And now?' }],
    ]);
    served.state.answer = new ValidationError('chat.rate', 'You ask too fast: ask again in 4 s.');
    await page.getByLabel('Ask the desk').fill('Again?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('alert').getByText('ask again in 4 s').waitFor();
    expect(await page.getByLabel('Ask the desk').inputValue()).toBe('Again?');
  });

  it('behavior: what a chat proposed is approved by its hash, once that is confirmed, and says what became of it', async () => {
    served.acts.length = 0;
    const card = page.getByTestId('proposal');
    expect(await card.textContent()).toContain(exampleProposal.summary);
    await card.getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('alertdialog', { name: exampleProposal.summary });
    expect(await dialog.locator('button:focus').textContent()).toBe('Not yet');
    expect(served.acts).toEqual([]);
    await dialog.getByRole('button', { name: 'Approve and do it' }).click();
    await card.getByText('Done. Filled.').waitFor();
    expect(served.acts).toEqual([['approve-proposal', 'demo', exampleProposal.id, exampleProposal.contentHash]]);
    expect(await card.getByRole('button').count()).toBe(0);

    const second = { ...exampleProposal, id: 'prop_2', conversationId: 'chat_2' };
    served.state.proposals = [second, ...served.state.proposals];
    await served.publish({ type: 'proposal.changed', key: 'demo', userId: 'demo', payload: second });
    await page.getByTestId('proposal').getByRole('button', { name: 'Decline' }).click();
    await expect.poll(() => served.acts.at(-1)).toEqual(['decline-proposal', 'demo', 'prop_2', undefined]);
  });

  it('behavior: prediction markets show what is paid, what is thought, and how sure; without any there is no panel', async () => {
    const rows = page.getByTestId('prediction');
    expect(await rows.allTextContents()).toEqual([
      expect.stringMatching(/^Will the Fed.*kalshi rules41\.0 %52\.0 %\+11\.0 ptsYES64 %14 Jan 2026, 12:00 UTC$/),
      expect.stringMatching(/^Will Bitcoin.*63\.0 %54\.8 %−8\.2 ptsNO64 %23 Jan 2026, 12:00 UTC$/),
      expect.stringMatching(/^Will <b>CPI<\/b> for.*18\.0 %22\.6 %\+4\.6 ptsYES64 %/),
    ]);
    const shown = served.state.predictions;
    const [first] = shown;
    if (first === undefined) throw new Error('There are predictions.');
    served.state.predictions = [];
    const told = { key: 'plop', payload: first } as const;
    await served.publish({ type: 'prediction.discovered', ...told });
    await rows.first().waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Prediction markets' }).count()).toBe(0);
    served.state.predictions = shown;
    await served.publish({ type: 'prediction.discovered', ...told });
    await rows.nth(2).waitFor();
  });

  it('behavior: what was said is forgotten once that is confirmed', async () => {
    served.acts.length = 0;
    const said = served.state.messages;
    await page.getByRole('button', { name: 'Forget' }).click();
    expect(served.acts).toEqual([]);
    await page.getByRole('button', { name: 'Forget all' }).click();
    await page.getByTestId('message').first().waitFor({ state: 'detached' });
    expect(served.acts).toEqual([['forget', 'demo']]);
    served.state.messages = said;
  });

  it('behavior: approving sends the hash of what was shown', async () => {
    const card = page.getByTestId('approval');
    expect(await card.textContent()).toMatch(
      /long 0\.8236 ETH-PERP.*3,588\.4.*\$46\.93 at the stop.*limit 3,635\.4 \(30 %\)/,
    );
    served.acts.length = 0;
    await card.getByRole('button', { name: 'Approve 3 orders' }).click();
    await card.waitFor({ state: 'detached' });
    expect(served.acts).toEqual([['approve', 'demo', exampleSignal.id, exampleApproval.contentHash]]);
  });

  it('behavior: closing asks first, with the focus on the harmless answer, and says why it was refused', async () => {
    served.acts.length = 0;
    served.state.closeOutcome = {
      outcome: 'refused',
      rejection: { code: 'venue.unhealthy', message: 'The venue does not answer.' },
    };
    await page.getByRole('button', { name: 'Close BTC-PERP' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Close the long of 0.01234 BTC-PERP at the market?' });
    expect(await dialog.locator('button:focus').textContent()).toBe('Keep');
    expect(served.acts).toEqual([]);
    await dialog.getByRole('button', { name: 'Close at market' }).click();
    await dialog.getByText('venue.unhealthy: The venue does not answer.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.locator('button:focus').textContent()).toBe('Close BTC-PERP');
    expect(served.acts).toHaveLength(1);
  });

  it.each(['dark', 'light'] as const)(
    'behavior: axe finds nothing in the %s theme, dialog included',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Close all' }).click();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
    },
  );

  it('behavior: nothing is wider than a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(390);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('behavior: the kill switch asks first, then halts', async () => {
    served.acts.length = 0;
    const halt = page.getByRole('button', { name: 'Kill switch' });
    await halt.click();
    await page.getByRole('button', { name: 'Keep trading' }).click();
    expect(served.acts).toEqual([]);
    await halt.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Halt' }).click();
    await page.getByText('HALTED: no new risk').waitFor();
    expect(served.acts).toEqual([['trip', 'user:demo', 'kill switch on the page', ['demo']]]);
    expect(await halt.count()).toBe(0);
  });

  it('behavior: a line that breaks is told, what is shown is marked, and approving waits; then it goes on', async () => {
    served.state.approvals = [exampleApproval];
    await served.publish({ type: 'signal.issued', key: 'demo', userId: 'demo', payload: exampleSignal });
    const approve = page.getByRole('button', { name: 'Approve 3 orders' });
    await approve.waitFor();
    await context.setOffline(true);
    served.stream.stop();
    await page.getByText('○ offline, data is stale').waitFor();
    expect(await approve.isDisabled()).toBe(true);
    expect(await page.getByText('stale', { exact: true }).count()).toBeGreaterThan(4);
    await context.setOffline(false);
    await served.stream.start();
    await page.getByText('● connected').waitFor();
    await expect.poll(() => approve.isDisabled()).toBe(false);
  });

  it('behavior: nothing was complained about in the console but the line that was cut', () => {
    expect(
      complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE_CHUNKED|status of 429/.test(text)),
    ).toEqual([]);
  });
});

async function violations(page: Page): Promise<readonly string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}
