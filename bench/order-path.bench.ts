// From a decision to the wire: milliseconds from OrderDesk.send to the whole signed request at a local Hyperliquid in a thread of its
// own, p50 and p99. All is real: Brix with its controls, reservation and audit, the order kept on disk before it goes, ccxt's
// signature, HTTP on loopback. Goal: p50 at most 5 ms. Run: node --conditions=@perpdesk/source bench/order-path.bench.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { HttpTransport } from '../packages/core/src/ccxt/index.ts';
import { OutboxEventBus, openDatabase } from '../packages/core/src/database/index.ts';
import {
  type OrderIntent,
  type RiskGate,
  SortableIdGenerator,
  StaticUserDirectory,
  SystemClock,
  SystemRandom,
  toPrice,
  toSize,
  toUsd,
  type User,
} from '../packages/core/src/index.ts';
import { HmacApprovalAuthority, SqlAuditLog, SqlCredentialVault } from '../packages/core/src/security/index.ts';
import { MarketState } from '../packages/data/src/index.ts';
import { CcxtVenue } from '../packages/execution/src/ccxt/index.ts';
import { OrderDesk, Portfolio, VenueDirectory } from '../packages/execution/src/index.ts';
import { hyperliquidAssets, startSimulator, toInstrument } from '../packages/execution/src/simulator/index.ts';
import { quote } from '../packages/execution/src/simulator/testing/quoted-exchange.ts';
import { testWallet } from '../packages/execution/src/simulator/testing/test-wallet.ts';
import { Brix, DurableTradingSwitch, SqlRiskStateStore } from '../packages/risk/src/index.ts';

const wallet = testWallet(1);
const assets = hyperliquidAssets.filter(({ coin }) => coin === 'BTC');
const [price, rounds, warm] = [50_000, 300, 40];
/** The machine's time, the same in all threads. */
const nowMs = (): number => performance.timeOrigin + performance.now();

/** The exchange: tells when the last byte of each order was there, and answers as a venue does. */
async function serve(): Promise<void> {
  const exchange = await startSimulator({
    ...{ assets, accounts: { [wallet.address]: toUsd(1_000_000) }, rateLimits: 'off' },
  });
  quote(exchange, 'BTC', price);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const atMs = nowMs();
      const body = Buffer.concat(chunks).toString();
      const cloid = /"type":"order".*"c":"0x([0-9a-f]{32})"/.exec(body)?.[1];
      if (cloid !== undefined) parentPort?.postMessage({ cloid, atMs });
      const answer = await exchange.fetch(`http://exchange${request.url}`, { method: 'POST', body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    parentPort?.postMessage({ http: typeof address === 'object' ? address?.port : 0, ws: exchange.wsUrl });
  });
}

const user: User = {
  ...{ id: 'ada', name: 'Ada', active: true, tier: 'advanced', autonomy: 'full-auto', limits: {}, timeZone: 'UTC' },
  ...{ bounds: { maxNotional: toUsd(1_000_000), minConfidence: 0, maxTradesPerDay: 500 }, venues: ['hyperliquid'] },
  ...{ entryPreference: 'sniper', aggression: 'balanced', pyramiding: true, flattenOnDailyLoss: false },
};

let leftAtMs = 0;
/** Node's own client, as the venue has it by default; notes when a signed order is handed to it. */
const transport: HttpTransport = async ({ url, method, headers, body }, signal) => {
  if (body.includes('"type":"order"')) leftAtMs = nowMs();
  const answer = await fetch(url, { method, headers, signal, body: method === 'GET' ? null : body });
  return { status: answer.status, text: await answer.text() };
};

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

async function measure(
  durability: 'normal' | 'full',
  endpoints: { http: string; ws: string },
  arrivals: ReadonlyMap<string, number>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
  const clock = new SystemClock();
  const ids = new SortableIdGenerator({ clock, random: new SystemRandom() });
  const database = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}`, durability });
  const eventBus = new OutboxEventBus({ database, clock, ids });
  await eventBus.start();
  const vault = new SqlCredentialVault({ database, clock, unlock: { passphrase: 'only for this bench' } });
  await vault.start();
  await vault.put(
    { userId: 'ada', venue: 'hyperliquid' },
    { walletAddress: wallet.address, privateKey: wallet.privateKey },
  );
  const instruments = assets.map((asset) => toInstrument(asset));
  const marketView = new MarketState({ clock });
  marketView.list(instruments);
  const authority = new HmacApprovalAuthority({ clock, ids });
  const venue: CcxtVenue = new CcxtVenue({
    ...{
      venue: 'hyperliquid',
      clock,
      vault,
      endpoints,
      verifier: authority.verifier(),
      instruments: () => instruments,
    },
    mayLeave: (intent) => brix.mayLeave(intent),
    transport,
  });
  await venue.start();
  const [users, venues] = [new StaticUserDirectory({ users: [user] }), new VenueDirectory([venue])];
  const accounts = new Portfolio({ users, venues, marketView, eventBus, database, clock });
  await accounts.start();
  const tradingSwitch = new DurableTradingSwitch({ clock, directory: folder, database });
  await tradingSwitch.start();
  const auditLog = new SqlAuditLog({ database, clock });
  await auditLog.start();
  const brix: Brix = new Brix({
    ...{ clock, users, accounts, marketView, authority, tradingSwitch, auditLog, venues: (name) => venues.get(name) },
    store: new SqlRiskStateStore({ database }),
    orderLimits: { entryMessages: 1e9, entriesPerHour: 1e9, duplicateWindowMs: 0 },
  });
  await brix.open();
  let [gatedAtMs, keptAtMs] = [0, 0];
  const riskGate: RiskGate = {
    filter: (recommendation) => brix.filter(recommendation),
    release: (signalId) => brix.release(signalId),
    authorize: async (intent, options) => {
      const decision = await brix.authorize(intent, options);
      gatedAtMs = nowMs();
      return decision;
    },
  };
  const orderDesk = new OrderDesk({ clock, eventBus, riskGate, venues, database });
  orderDesk.watch(({ status }) => {
    if (status === 'intended') keptAtMs = nowMs();
  });

  const stages: Record<'gate' | 'keep' | 'sign' | 'wire' | 'all' | 'thread', number[]> = {
    ...{ gate: [], keep: [], sign: [], wire: [], all: [], thread: [] },
  };
  for (let round = 0; round < warm + rounds; round += 1) {
    const atMs = clock.nowMs();
    const at = { instrumentId: 'BTC-PERP@hyperliquid', exchangeAtMs: atMs, receivedAtMs: atMs } as const;
    marketView.observe({ kind: 'ticker', ticker: { ...at, last: price, mark: price, bid: price - 5, ask: price + 5 } });
    const clientOrderId = (BigInt(durability === 'full' ? 1 : 2) * 10n ** 20n + BigInt(round))
      .toString(16)
      .padStart(32, '0');
    const intent: OrderIntent = {
      ...{ clientOrderId, userId: 'ada', venue: 'hyperliquid', instrumentId: 'BTC-PERP@hyperliquid', side: 'buy' },
      ...{ type: 'limit', size: toSize('0.001'), price: toPrice(49_900 - (round % 50)), timeInForce: 'gtc' },
      ...{ reduceOnly: false, purpose: 'entry', origin: 'manual', leverage: 2, stopLoss: toPrice(49_000) },
    };
    const cpu = process.threadCpuUsage();
    const startedAtMs = nowMs();
    const outcome = await orderDesk.send(intent);
    const { user: ofUser, system } = process.threadCpuUsage(cpu);
    if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
    await orderDesk.cancel(intent);
    while (!arrivals.has(clientOrderId)) await clock.sleep(1);
    if (round < warm) continue;
    const arrivedAtMs = arrivals.get(clientOrderId) ?? Number.NaN;
    stages.gate.push(gatedAtMs - startedAtMs);
    stages.keep.push(keptAtMs - gatedAtMs);
    stages.sign.push(leftAtMs - keptAtMs);
    stages.wire.push(arrivedAtMs - leftAtMs);
    stages.all.push(arrivedAtMs - startedAtMs);
    stages.thread.push((ofUser + system) / 1_000);
  }
  const show = (values: readonly number[]): string =>
    `p50 ${quantile(values, 0.5).toFixed(2).padStart(6)}  p99 ${quantile(values, 0.99).toFixed(2).padStart(7)}  best ${Math.min(
      ...values,
    )
      .toFixed(2)
      .padStart(6)} ms`;
  const ratio = quantile(stages.all, 0.5) / 5;
  console.log(
    `SQLite ${durability.toUpperCase()}, ${rounds} orders, ${loadavg()[0]?.toFixed(1)} processes wanting ${cpus().length} processors`,
  );
  console.log(`  decision to bytes               ${show(stages.all)}  (p50 ≤ 5: ${ratio.toFixed(2)}×)`);
  console.log(`    Brix; kept with the decision  ${show(stages.gate)}`);
  console.log(`    told before it goes           ${show(stages.keep)}`);
  console.log(`    made into a signed request    ${show(stages.sign)}`);
  console.log(`    over HTTP on loopback         ${show(stages.wire)}`);
  console.log(`  the desk's thread at work       ${show(stages.thread)}  (with reading the answer)`);
  await accounts.stop();
  await venue.stop();
  await eventBus.close();
  await database.close();
  rmSync(folder, { recursive: true });
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const arrivals = new Map<string, number>();
  const { promise, resolve } = Promise.withResolvers<{ readonly http: number; readonly ws: string }>();
  worker.on('message', (message) => {
    if ('cloid' in message) arrivals.set(message.cloid, message.atMs);
    else resolve(message);
  });
  const { http, ws } = await promise;
  const endpoints = { http: `http://127.0.0.1:${http}`, ws: ws.replace('/ws', '') };
  for (const durability of ['full', 'normal'] as const) await measure(durability, endpoints, arrivals);
  await worker.terminate();
} else {
  await serve();
}
