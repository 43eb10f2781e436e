import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Opinion, Recommendation } from '@perpdesk/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunReport } from './run-report.ts';
import { readDeskFiles } from './testing/desk-files.ts';
import { type ServerMood, startModelServer } from './testing/model-server.ts';
import { Workplace } from './testing/product.ts';

const place = new Workplace();
afterAll(() => place[Symbol.asyncDispose]());
const apiKey = 'sk-canary-7f3a91d2c4';

/** A short simulated run whose agents ask a server of a mood; what it left behind. */
async function runWith(mood: ServerMood, symbols: string, until: string) {
  await using server = await startModelServer(mood);
  const ended = await place.run(
    [
      ...`--headless --speed max --exit-at-end --autonomy full-auto --to ${until} --symbols ${symbols}`.split(' '),
      ...['--data-dir', mood, '--report', `${mood}.json`],
    ],
    {
      OPENAI_API_KEY: apiKey,
      OPENAI_BASE_URL: server.url,
      OPENAI_MODEL: 'served',
      OPENAI_TIMEOUT_MS: mood === 'hanging' ? '500' : '5000',
    },
  );
  expect(ended).toMatchObject({ code: 0, error: '' });
  const { journal } = readDeskFiles(place.file(mood));
  const payloads = <Payload>(type: string): Payload[] =>
    journal.filter((event) => event.type === type).map((event) => event.payload as Payload);
  const report: RunReport = JSON.parse(readFileSync(place.file(`${mood}.json`), 'utf8'));
  return { ended, report, payloads, server };
}

/** The files below a folder that hold a text, as it is or encoded. */
function filesWith(text: string, folder: string): string[] {
  const forms = [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64').replace(/=+$/, '')];
  const held = (name: string): boolean => {
    const bytes = readFileSync(join(folder, name));
    return forms.some((form) => bytes.includes(form));
  };
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(held);
}

describe('agents with a model', () => {
  it('default: the model judges and words, and its key is nowhere to be found', { timeout: 30_000 }, async () => {
    const { ended, report, payloads, server } = await runWith('good', 'BTC', '2026-01-05T01:01');
    const opinions = payloads<Opinion>('opinion.published');
    expect(opinions.length).toBeGreaterThan(8);
    expect(new Set(opinions.map(({ agent, source }) => `${agent} ${source}`))).toEqual(
      new Set(['vanta model', 'luma model', 'meridian model']),
    );
    expect(opinions.every(({ direction, score }) => direction === 'long' && score === 60)).toBe(true);
    expect(report).toMatchObject({ rounds: 4, unprotectedPositions: 0 });
    const plans = payloads<Recommendation>('recommendation.published');
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(plan).toMatchObject({ reasonedBy: 'model', takeProfits: [{ fraction: '1' }] });

    expect(new Set(server.authorizations)).toEqual(new Set([`Bearer ${apiKey}`]));
    expect(JSON.parse(ended.out.split('\n')[0] ?? '').msg).toMatch(/The agents ask served at 127\.0\.0\.1:\d+\.$/);
    expect(ended.out + ended.error).not.toContain(apiKey);
    expect(filesWith(apiKey, place.path)).toEqual([]);
    // The search finds what is there.
    expect(filesWith('recommendation.published', place.path)).toContain(join('good', 'desk.db'));
  });

  it.each<ServerMood>(['rubbish', 'hanging'])(
    'error: with a %s model the desk runs on rules and says so',
    { timeout: 40_000 },
    async (mood) => {
      const { report, payloads, server } = await runWith(mood, 'BTC', '2026-01-05T00:16');
      const opinions = payloads<Opinion>('opinion.published');
      expect(server.authorizations.length).toBeGreaterThan(0);
      expect(opinions.length).toBeGreaterThan(1);
      expect(opinions.every(({ source }) => source === 'rules')).toBe(true);
      expect(report).toMatchObject({ rounds: 1, unprotectedPositions: 0 });
      const failures = payloads<{ code: string; fellBack: boolean }>('agent.failed');
      expect(failures.length).toBeGreaterThan(0);
      const code = mood === 'rubbish' ? 'model.invalid-answer' : 'model.timeout';
      for (const failure of failures) expect(failure).toMatchObject({ code, fellBack: true });
      expect(filesWith(apiKey, place.path)).toEqual([]);
    },
  );

  it('behavior: Ctrl-C does not wait for a model that hangs', { timeout: 30_000 }, async () => {
    await using server = await startModelServer('hanging');
    const desk = place.start(
      '--headless --speed max --data-dir interrupted --report interrupted.json --symbols BTC'.split(' '),
      { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: server.url },
    );
    await desk.logged('desk.started');
    await server.asked;
    const before = performance.now();
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });
    expect(performance.now() - before).toBeLessThan(4_000);
    expect(JSON.parse(readFileSync(place.file('interrupted.json'), 'utf8'))).toMatchObject({ source: 'simulated' });
  });
});
