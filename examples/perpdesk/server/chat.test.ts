import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatMessage, chatMessageSchema, type Proposal, silentLogger } from '@perpdesk/core';
import { type SnapshotRoute, snapshotRoutes } from '@perpdesk/core/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDesk, startDesk } from './desk.ts';
import { feedTypes } from './feed-types.ts';
import { createApp } from './http/app.ts';
import { EventStream } from './http/event-stream.ts';
import { parseOptions } from './options.ts';

const directory = mkdtempSync(join(tmpdir(), 'perpdesk-chat-'));
let desk: RunningDesk;
let app: ReturnType<typeof createApp>;
const host = { host: '127.0.0.1:4780' };

/** Starts a simulated desk and plays it up to an instant, at which its clock then stands. */
async function begin(to: string, ...more: readonly string[]): Promise<void> {
  const args = `--speed max --symbols BTC --autonomy suggest --to ${to} --data-dir ${directory}`.split(' ');
  const options = parseOptions([...args, ...more]);
  if (options === undefined) throw new Error('There are options.');
  desk = await startDesk(options, { logger: silentLogger, environment: {} });
  await desk.run();
  const stream = new EventStream({
    ...{ eventBus: desk.eventBus, marketBus: desk.marketBus, types: feedTypes, logger: silentLogger },
    status: () => desk.status(),
    nowMs: () => desk.status().atMs,
  });
  app = createApp({ desk, stream, userId: desk.userId, feedTypes, webDirectory: '/nowhere', logger: silentLogger });
}

beforeAll(() => begin('2026-01-05T01:01'), 60_000);
afterAll(async () => {
  await desk.stop();
  rmSync(directory, { recursive: true, force: true });
});

const post = (path: string, body: object) =>
  app.request(path, {
    method: 'POST',
    headers: { ...host, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function get<Route extends SnapshotRoute>(route: Route, query = '') {
  const response = await app.request(`/api${route}${query}`, { headers: host });
  expect(response.status).toBe(200);
  return snapshotRoutes[route].parse(await response.json()) as (typeof snapshotRoutes)[Route]['_output'];
}

async function ask(text: string, conversationId?: string): Promise<ChatMessage> {
  const response = await post('/api/chat', { text, ...(conversationId === undefined ? {} : { conversationId }) });
  const json = await response.json();
  expect(response.status, JSON.stringify(json)).toBe(200);
  return chatMessageSchema.parse(json);
}

async function proposalOf(message: ChatMessage): Promise<Proposal> {
  const proposal = (await get('/proposals')).find(({ id }) => id === message.proposalId);
  if (proposal === undefined) throw new Error(`Nothing was proposed: ${message.text}`);
  return proposal;
}

const answered = async (proposal: Proposal, how: 'approve' | 'decline', body: object) => {
  const response = await post(`/api/proposals/${proposal.id}/${how}`, body);
  return { status: response.status, body: (await response.json()) as Proposal & { readonly code?: string } };
};

describe('the chat of a desk', () => {
  it('default: answers from what the desk knows, and cites it', async () => {
    const answer = await ask('What does Vanta think of BTC?');
    expect(answer).toMatchObject({ role: 'assistant', source: 'rules' });
    const opinion = (await get('/opinions')).find(({ agent, market }) => agent === 'vanta' && market === 'BTC-PERP');
    expect(answer.agents).toContain('vanta');
    expect(answer.text).toContain(opinion?.direction ?? 'no opinion');
    expect(answer.citations).toContainEqual({ kind: 'opinion', id: opinion?.id, atMs: opinion?.atMs });

    const why = await ask('Why is there no plan for BTC?', answer.conversationId);
    const [round] = await get('/rounds');
    expect(why.citations).toContainEqual({ kind: 'round', id: round?.round.key, atMs: round?.round.closeAtMs });
    expect((await get('/conversation', `?id=${answer.conversationId}`)).map(({ role }) => role)).toEqual([
      ...['user', 'assistant', 'user', 'assistant'],
    ]);
  });

  it('behavior: an order and a close are proposed, approved and done; words approve nothing', async () => {
    const mark = (await get('/tickers'))[0]?.mark ?? 0;
    const asked = await ask(
      `buy 0.005 BTC at market stop ${Math.round(mark * 0.98)} target ${Math.round(mark * 1.03)}`,
    );
    const bought = await proposalOf(asked);
    expect(bought).toMatchObject({ status: 'waiting', action: { kind: 'place-order', side: 'buy', size: '0.005' } });

    const yes = await ask('yes do it', asked.conversationId);
    expect(yes.proposalId).toBeUndefined();
    expect(await get('/positions')).toEqual([]);
    expect((await proposalOf(asked)).status).toBe('waiting');

    const other = { contentHash: 'f'.repeat(64) };
    expect(await answered(bought, 'approve', other)).toMatchObject({ status: 409, body: { code: 'proposal.changed' } });
    const done = await answered(bought, 'approve', { contentHash: bought.contentHash });
    expect(done.body).toMatchObject({ status: 'done', outcome: expect.stringMatching(/^Filled: 0\.005 at \d/) });
    const [position] = await get('/positions');
    expect(position).toMatchObject({ direction: 'long', size: '0.005', leverage: 1 });
    expect(position?.protection).toMatchObject({ stopLoss: String(Math.round(mark * 0.98)), stopSize: '0.005' });

    const again = await answered(bought, 'approve', { contentHash: bought.contentHash });
    expect(again).toMatchObject({ status: 409, body: { code: 'proposal.decided' } });
    expect(await get('/positions')).toHaveLength(1);

    const close = await proposalOf(await ask('close my BTC position'));
    expect(close.summary).toMatch(/^Close all of the position in BTC-PERP@\w+ at paper\.$/);
    expect((await answered(close, 'approve', { contentHash: close.contentHash })).body).toMatchObject({
      status: 'done',
    });
    expect(await get('/positions')).toEqual([]);
    expect((await get('/orders')).filter(({ purpose }) => purpose !== 'entry')).toEqual([]);
  });

  it('error: whoever asks too fast is held back, and told for how long', async () => {
    let response = await post('/api/chat', { text: 'price of BTC' });
    // As often as it takes: on a slow machine the rate has room again meanwhile.
    for (let asked = 0; asked < 30 && response.status === 200; asked += 1)
      response = await post('/api/chat', { text: 'price of BTC' });
    expect(response.status).toBe(429);
    const seconds = response.headers.get('retry-after');
    expect(seconds).toMatch(/^[1-5]$/);
    expect(await response.json()).toMatchObject({
      code: 'chat.rate',
      detail: expect.stringContaining(`again in ${seconds} s.`),
    });
  });

  it('behavior: a decision is made again from its records, and comes out the same', async () => {
    const rounds = await get('/rounds');
    const decided = rounds.filter(({ outcome }) => outcome !== undefined);
    expect(decided.length).toBeGreaterThan(0);
    for (const { traceId, turns } of decided) {
      const review = await get('/decision', `?id=${encodeURIComponent(traceId)}`);
      expect(review).toMatchObject({ traceId, same: true, differences: [], missing: [] });
      expect(review.digest).toBe(review.recordedDigest);
      expect(review.replayed).toBeGreaterThan(turns.length);
      expect(review.text).toContain('No model was asked.');
      expect(review.steps.length).toBeGreaterThan(turns.length);
    }
  });

  it('behavior: what was lowered and said outlives the process; the operator has the tier’s limits hold again', {
    timeout: 60_000,
  }, async () => {
    const [before] = await get('/conversations');
    await desk.stop();
    await begin('2026-01-05T01:02');
    expect(await get('/conversations')).toContainEqual(before);
    const shown = async (): Promise<string> => (await ask('what are my limits?')).text;
    const ofTier = await shown();
    const lower = await proposalOf(await ask('set max leverage to 2'));
    expect((await answered(lower, 'approve', { contentHash: lower.contentHash })).body).toMatchObject({
      ...{ status: 'done', outcome: 'The new limits hold.' },
    });
    const lowered = await shown();
    expect(lowered).not.toBe(ofTier);
    expect((await ask('set max leverage to 3')).proposalId).toBeUndefined();

    await desk.stop();
    await begin('2026-01-05T01:04');
    expect(await shown()).toBe(lowered);
    await desk.stop();
    await begin('2026-01-05T01:06', '--reset-limits');
    expect(await shown()).toBe(ofTier);
  });
});
