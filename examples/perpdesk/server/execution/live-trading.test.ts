import { Decimal } from '@perpdesk/core';
import type { Snapshot, SnapshotRoute } from '@perpdesk/core/api';
import type { EngineFill, HyperliquidSimulator } from '@perpdesk/execution/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeskFiles } from '../testing/desk-files.ts';
import { type Product, Workplace } from '../testing/product.ts';
import {
  agent,
  owner,
  placeEnvironment,
  secretLines,
  startPrice,
  startTradingPlace,
} from '../testing/trading-place.ts';

const place = new Workplace();
const account = owner.address.toLowerCase();
let exchange: HyperliquidSimulator;
beforeAll(async () => {
  exchange = await startTradingPlace();
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await exchange.stop();
});

/** A product that is up. */
class Running {
  readonly product: Product;
  readonly notice: string;
  readonly #url: string;

  private constructor(product: Product, { notice, url }: { notice: string; url: string }) {
    this.product = product;
    this.notice = notice;
    this.#url = url;
  }

  static async start(line: string, environment = placeEnvironment(exchange)): Promise<Running> {
    const product = place.start([...line.split(' '), '--port', '0'], environment);
    return new Running(product, JSON.parse(await product.logged('desk.started')));
  }

  async get<Route extends SnapshotRoute>(route: Route): Promise<Snapshot<Route>> {
    return (await (await fetch(`${this.#url}/api${route}`)).json()) as Snapshot<Route>;
  }

  async post(route: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json', origin: this.#url };
    return (await fetch(`${this.#url}/api${route}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }
}

const save = (line: string, environment = placeEnvironment(exchange)) =>
  place.run(`--save-credentials hyperliquid ${line}`.split(' '), environment, secretLines);
const trade = '--execution hyperliquid --venues hyperliquid --symbols BTC --autonomy full-auto';
const open = () => exchange.engine.openOrders(account);
const stops = () => open().filter(({ trigger }) => trigger?.kind === 'stop-loss');
const held = () => exchange.engine.account(account).positions[0]?.size ?? '0';
const fills = (): readonly EngineFill[] => exchange.engine.fills(account, 0);
const total = (values: readonly string[]): string =>
  values.reduce((sum, value) => sum.plus(value), new Decimal(0)).toFixed();
const soon = { timeout: 30_000, interval: 100 };

describe('a desk that trades on a venue', { timeout: 120_000 }, () => {
  it('default: a plan is entered, protected and closed at the venue; a kill loses and repeats nothing; books agree', async () => {
    expect((await save('--data-dir desk')).code).toBe(0);
    let desk = await Running.start(`${trade} --data-dir desk`);
    expect(desk.notice).toMatch(/^TEST NET: orders go to the test net of hyperliquid; no money in it is real\. Live/);
    expect(await desk.get('/status')).toMatchObject({ source: 'live', money: 'testnet', tradingState: 'active' });

    // Brix let a ladder through; the market comes to it, and what filled has its stop at the venue.
    const placed = () => exchange.engine.ledger().filter(({ kind }) => kind === 'place');
    await expect.poll(() => placed().filter(({ detail }) => detail.reduceOnly === false).length, soon).toBe(3);
    const entered = placed().length;
    // Killed with the entries resting: they fill while nobody looks, and are found and not sent again.
    expect((await desk.product.end('SIGKILL')).error).toBe('');
    exchange.market?.jump('BTC', -0.0008);
    await expect.poll(() => open().filter(({ reduceOnly }) => !reduceOnly), soon).toEqual([]);
    desk = await Running.start(`${trade} --data-dir desk`);
    await expect.poll(() => total(stops().map(({ remainingSize }) => remainingSize)), soon).toBe(held());
    expect(placed().filter(({ detail }) => detail.reduceOnly === false)).toHaveLength(entered);
    // The plan's own stop, not the one of a position that nobody knows the plan of, which lies 2 % away.
    expect(Number(stops()[0]?.trigger?.price)).toBeGreaterThan(startPrice * 0.99);
    const [position] = await desk.get('/positions');
    expect(position).toMatchObject({ venue: 'hyperliquid', direction: 'long', size: held() });

    // Killed with the position open.
    await expect.poll(() => open().length, soon).toBe(3);
    const stopBefore = stops().map(({ clientOrderId }) => clientOrderId);
    const sizeBefore = held();
    const placedBefore = placed();
    expect((await desk.product.end('SIGKILL')).error).toBe('');
    expect(stops().map(({ clientOrderId }) => clientOrderId)).toEqual(stopBefore);
    desk = await Running.start(`${trade} --data-dir desk`);
    const [found] = await desk.get('/positions');
    expect(found).toMatchObject({ venue: 'hyperliquid', size: sizeBefore, protection: { stopSize: sizeBefore } });
    expect(placed()).toEqual(placedBefore);
    expect([held(), stops().map(({ clientOrderId }) => clientOrderId)]).toEqual([...[sizeBefore, stopBefore]]);

    // The kill switch leaves the stop; flatten closes the position, and its protection goes with it.
    expect(await desk.post('/kill-switch', { reason: 'enough' })).toMatchObject({ outcome: 'halted' });
    expect((await desk.get('/status')).tradingState).toBe('halted');
    expect(stops().map(({ clientOrderId }) => clientOrderId)).toEqual(stopBefore);
    await desk.post('/flatten', {});
    await expect.poll(held, soon).toBe('0');
    await expect.poll(() => desk.get('/positions'), soon).toEqual([]);
    await expect.poll(() => open().length, soon).toBe(0);

    const ledger = exchange.engine.account(account);
    const told = async () => (await desk.get('/accounts')).find(({ venue }) => venue === 'hyperliquid')?.equity;
    await expect.poll(async () => new Decimal((await told()) ?? 0).toFixed(), soon).toBe(ledger.accountValue);
    expect((await desk.product.end('SIGINT')).code).toBe(0);
    const journal = readDeskFiles(place.file('desk')).journal;
    const ofFills = journal.filter(({ type }) => type === 'order.filled').map(({ payload }) => payload);
    const toldFills = ofFills.map((payload) => (payload as { fill: { size: string; side: string; fee: string } }).fill);
    for (const side of ['buy', 'sell'])
      expect(total(toldFills.filter((fill) => fill.side === side).map(({ size }) => size))).toBe(
        total(
          fills()
            .filter((fill) => fill.side === side)
            .map(({ size }) => size),
        ),
      );
    expect(toldFills).toHaveLength(fills().length);
    expect(total(toldFills.map(({ fee }) => fee))).toBe(total(fills().map(({ fee }) => fee)));
    const count = (type: string) => journal.filter((event) => event.type === type).length;
    expect([count('position.opened'), count('position.closed')]).toEqual([1, 1]);
    const ids = exchange.engine.historicalOrders(account).map(({ clientOrderId }) => clientOrderId);
    expect(ids.every((id) => id !== undefined)).toBe(true);
    expect(exchange.unwanted).toEqual([]);
  });

  it('behavior: a venue that is away keeps no desk from starting, takes no orders, and comes in when it answers', async () => {
    await using absent = await startTradingPlace();
    const environment = placeEnvironment(absent);
    expect((await save('--data-dir away', environment)).code).toBe(0);
    await absent.stop();
    const desk = await Running.start(`${trade} --data-dir away`, environment);
    try {
      expect(desk.notice).toContain('Live public market data of no venue yet (no answer from hyperliquid).');
      const link = async () => (await desk.get('/status')).services.find(({ name }) => name === 'venue.hyperliquid');
      expect(await link()).toMatchObject({ status: 'failed', detail: expect.stringContaining('hyperliquid') });
      expect(await desk.get('/tickers')).toEqual([]);
      await absent.start();
      await expect.poll(link, soon).toEqual({ name: 'venue.hyperliquid', status: 'healthy' });
      await expect.poll(async () => (await desk.get('/tickers')).length, soon).toBe(1);
      await expect
        .poll(async () => (await desk.get('/accounts')).map(({ venue }) => venue), soon)
        .toEqual([...['hyperliquid', 'paper']]);
      // It is in the rounds as any other, and its plans go out.
      await expect.poll(() => absent.engine.openOrders(account).length, soon).toBeGreaterThan(0);
    } finally {
      expect((await desk.product.end('SIGINT')).code).toBe(0);
    }
  });

  it('behavior: real money is said in the first words and on the page; accounts of the test net are not taken for it', async () => {
    await using real = await startTradingPlace('mainnet');
    const environment = placeEnvironment(real);
    const line = '--network mainnet --data-dir';
    expect(await save(`${line} real`, environment)).toMatchObject({ code: 0, error: '' });
    const monitor = trade.replace('full-auto', 'monitor');
    const desk = await Running.start(`${monitor} --real-money ${line} real`, environment);
    expect(desk.notice).toMatch(/^LIVE: orders go to hyperliquid and trade REAL MONEY\. /);
    expect((await desk.get('/status')).money).toBe('live');
    expect(real.engine.openOrders(account)).toEqual([]);
    const ended = await desk.product.end('SIGINT');
    expect(ended).toMatchObject({ code: 0, error: '' });
    expect(ended.out).not.toContain(agent.privateKey.slice(2));
    const other = await place.run(`${monitor} --headless --data-dir real`.split(' '), environment);
    expect([other.code, other.error]).toEqual([1, expect.stringContaining('real holds accounts of mainnet')]);
  });
});
