import { ExchangeClient, HttpTransport, InfoClient } from '@nktkas/hyperliquid';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from '../hyperliquid-simulator.ts';
import { quotedExchange, stranger, trader } from '../testing/quoted-exchange.ts';
import { testWallet } from '../testing/test-wallet.ts';

const user = trader.address;
const limit = (tif: 'Gtc' | 'Ioc' | 'Alo') => ({ limit: { tif } });

function clients(exchange: HyperliquidSimulator) {
  const transport = new HttpTransport({ apiUrl: exchange.url });
  return { info: new InfoClient({ transport }), exchange: new ExchangeClient({ transport, wallet: trader }) };
}

describe('ExchangeEndpoint', () => {
  it('behavior: agents act for their master until another takes their place', async () => {
    await using exchange = await quotedExchange();
    const client = clients(exchange);
    const agent = testWallet(11);
    const transport = new HttpTransport({ apiUrl: exchange.url });
    const byAgent = new ExchangeClient({ transport, wallet: agent });
    const rest = { orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }] };
    await expect(byAgent.order(rest)).rejects.toThrow(`User or API Wallet ${agent.address} does not exist.`);
    await client.exchange.approveAgent({ agentAddress: agent.address, agentName: 'desk' });
    await byAgent.order(rest);
    expect(await client.info.openOrders({ user })).toHaveLength(1);
    expect(await client.info.extraAgents({ user })).toEqual([
      { address: agent.address, name: 'desk', validUntil: null },
    ]);
    expect(await client.info.userRole({ user: agent.address })).toEqual({ role: 'agent', data: { user } });
    await client.exchange.approveAgent({ agentAddress: testWallet(12).address, agentName: 'desk' });
    await expect(byAgent.order(rest)).rejects.toThrow('does not exist');
    expect(exchange.unwanted.map((action) => action.kind)).toEqual(['agent-approval', 'agent-approval']);
    const until = exchange.clock.nowMs() - 1;
    await client.exchange.approveAgent({ agentAddress: agent.address, agentName: `desk valid_until ${until}` });
    await expect(byAgent.order(rest)).rejects.toThrow('does not exist');
    await client.exchange.approveAgent({
      agentAddress: agent.address,
      agentName: `desk valid_until ${until + 60_000}`,
    });
    await byAgent.order(rest);
  });

  it('error: an order that pays a builder needs the account’s approval', async () => {
    await using exchange = await quotedExchange();
    const client = clients(exchange);
    const builder = stranger.address;
    const paid = {
      orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }],
      builder: { b: builder, f: 10 },
    };
    await expect(client.exchange.order(paid)).rejects.toThrow('Builder fee has not been approved.');
    await client.exchange.approveBuilderFee({ builder, maxFeeRate: '0.009%' });
    expect(await client.info.maxBuilderFee({ user, builder })).toBe(9);
    await expect(client.exchange.order(paid)).rejects.toThrow('Builder fee has not been approved.');
    await client.exchange.approveBuilderFee({ builder, maxFeeRate: '0.01%' });
    await client.exchange.order(paid);
    expect(await client.info.openOrders({ user })).toHaveLength(1);
  });

  it('behavior: transfers and withdrawals are answered, seen, and move nothing', async () => {
    await using exchange = await quotedExchange();
    const client = clients(exchange);
    await client.exchange.usdClassTransfer({ amount: '5', toPerp: false });
    await client.exchange.withdraw3({ destination: stranger.address, amount: '5' });
    await client.exchange.usdSend({ destination: stranger.address, amount: '5' });
    expect(exchange.unwanted.map((action) => [action.kind, action.action.type])).toEqual([
      ['transfer', 'usdClassTransfer'],
      ['transfer', 'withdraw3'],
      ['transfer', 'usdSend'],
    ]);
    expect(exchange.engine.account(user).accountValue).toBe('100000');
  });

  it('behavior: vaults trade on their leader’s word, and expired actions are refused', async () => {
    await using exchange = await quotedExchange();
    const client = clients(exchange);
    const vault = testWallet(21).address;
    const rest = { orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }] };
    await expect(client.exchange.order(rest, { vaultAddress: vault })).rejects.toThrow(
      `Vault not registered: ${vault}`,
    );
    exchange.registerVault(vault, user);
    exchange.deposit(vault, '1000' as never);
    await client.exchange.order(rest, { vaultAddress: vault });
    expect(await client.info.openOrders({ user: vault })).toHaveLength(1);
    exchange.registerVault(vault, stranger.address);
    await expect(client.exchange.order(rest, { vaultAddress: vault })).rejects.toThrow('Unauthorized vault action');
    expect(await client.info.openOrders({ user })).toHaveLength(0);
    await expect(client.exchange.order(rest, { expiresAfter: exchange.clock.nowMs() - 1 })).rejects.toThrow('expired');
    await client.exchange.order(rest, { expiresAfter: exchange.clock.nowMs() + 60_000 });
    expect(await client.info.openOrders({ user })).toHaveLength(1);
  });

  it('behavior: a scheduled cancellation is set and taken back, a nonce without an act is used', async () => {
    await using exchange = await quotedExchange();
    const client = clients(exchange);
    await client.exchange.scheduleCancel({ time: exchange.clock.nowMs() + 60_000 });
    await client.exchange.scheduleCancel();
    await client.exchange.noop({ nonce: exchange.clock.nowMs() - 1_000 });
    await expect(client.exchange.noop({ nonce: 1 })).rejects.toThrow('Invalid nonce');
    await expect(client.exchange.scheduleCancel({ time: exchange.clock.nowMs() + 1_000 })).rejects.toThrow('too early');
  });

  it('error: an action that was changed on the way is a stranger’s', async () => {
    await using exchange = await quotedExchange();
    const sent: string[] = [];
    const transport = new HttpTransport({ apiUrl: exchange.url });
    const client = new ExchangeClient({
      wallet: trader,
      transport: {
        isTestnet: false,
        request: <T>(endpoint: 'info' | 'exchange', payload: unknown) => {
          sent.push(JSON.stringify(payload));
          return transport.request(endpoint, payload) as Promise<T>;
        },
      },
    });
    await client.order({ orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }] });
    const post = async (text: string) => {
      const answer = await fetch(`${exchange.url}/exchange`, { method: 'POST', body: text });
      return { status: answer.status, text: await answer.text() };
    };
    const [original = ''] = sent;
    const { nonce } = JSON.parse(original);
    expect((await post(original)).text).toContain(`Invalid nonce: duplicate nonce ${nonce}`);
    for (const [from, to] of [
      ['"s":"0.1"', '"s":"1"'],
      [`"nonce":${nonce}`, `"nonce":${nonce + 1}`],
      ['"signature"', `"vaultAddress":"${stranger.address}","signature"`],
      ['"signature"', '"expiresAfter":1,"signature"'],
      ['"grouping":"na"', '"grouping":"normalTpsl"'],
    ] as const) {
      const changed = await post(original.replace(from, to));
      expect(changed.text).toMatch(/User or API Wallet 0x[0-9a-f]{40} does not exist\./);
      expect(changed.text).not.toContain(user);
    }
    expect(await new InfoClient({ transport }).openOrders({ user })).toHaveLength(1);
  });

  it('error: another network’s signatures are strangers’', async () => {
    await using exchange = await quotedExchange({ network: 'testnet' });
    const order = { orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }] };
    await expect(clients(exchange).exchange.order(order)).rejects.toThrow('does not exist');
    const transport = new HttpTransport({ apiUrl: exchange.url, isTestnet: true });
    await new ExchangeClient({ transport, wallet: trader }).order(order);
  });

  it('error: what can not be read is answered as the venue does', async () => {
    await using exchange = await quotedExchange();
    const statusOf = async (path: string, body: string) =>
      (await fetch(`${exchange.url}${path}`, { method: 'POST', body })).status;
    const signature = { r: '0x1', s: '0x1', v: 27 };
    expect(await statusOf('/exchange', '{')).toBe(422);
    expect(await statusOf('/exchange', JSON.stringify({ action: { type: 'fly' }, nonce: 1, signature }))).toBe(422);
    expect(
      await statusOf('/exchange', JSON.stringify({ action: { type: 'order', orders: [] }, nonce: 1, signature })),
    ).toBe(422);
    expect(await statusOf('/info', JSON.stringify({ type: 'constructor' }))).toBe(422);
    expect(await statusOf('/info', JSON.stringify({ type: 'openOrders', user: '0x1' }))).toBe(422);
    expect(await statusOf('/other', '{}')).toBe(404);
    expect(await statusOf('/info', `"${'a'.repeat(1 << 21)}"`)).toBe(413);
    expect((await fetch(`${exchange.url}/info`)).status).toBe(405);
  });
});
