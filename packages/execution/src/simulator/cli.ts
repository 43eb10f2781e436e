#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { ConfigError, toUsd, type Usd } from '@perpdesk/core';
import { hyperliquidAssets } from './engine/simulated-assets.ts';
import { startSimulator } from './start-simulator.ts';

const usage = `perpdesk-simulator: a local exchange that speaks Hyperliquid's wire protocol.

  --port <number>        default 3001; 0 takes any free one
  --assets <BTC,ETH>     default all of ${hyperliquidAssets.map((asset) => asset.coin).join(',')}
  --seed <text>          of the market's random walk, default 1
  --account <0x…:usd>    an account and its collateral; may be given more than once
  --testnet              take signatures of the test network
  --no-limits            no rate limits`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3001' },
    assets: { type: 'string' },
    seed: { type: 'string', default: '1' },
    account: { type: 'string', multiple: true, default: [] },
    testnet: { type: 'boolean', default: false },
    'no-limits': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${usage}\n`);
} else {
  const exchange = await startSimulator({
    port: portOf(values.port),
    assets: assetsOf(values.assets),
    accounts: accountsOf(values.account),
    network: values.testnet ? 'testnet' : 'mainnet',
    market: { seed: values.seed },
    ...(values['no-limits'] ? { rateLimits: 'off' as const } : {}),
  });
  process.stdout.write(`HTTP ${exchange.url}\nWebSocket ${exchange.wsUrl}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void exchange.stop());
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new ConfigError('simulator.port', `${text} is not a port.`);
}

function assetsOf(text: string | undefined): typeof hyperliquidAssets {
  if (text === undefined) return hyperliquidAssets;
  return text.split(',').map((coin) => {
    const asset = hyperliquidAssets.find((candidate) => candidate.coin === coin.trim().toUpperCase());
    if (asset === undefined) throw new ConfigError('simulator.asset', `${coin} is not listed.`);
    return asset;
  });
}

function accountsOf(texts: readonly string[]): Record<string, Usd> {
  return Object.fromEntries(
    texts.map((text) => {
      const [address = '', amount = ''] = text.split(':');
      if (!/^0x[0-9a-f]{40}$/i.test(address))
        throw new ConfigError('simulator.account', `${address} is not an address.`);
      return [address, toUsd(amount)];
    }),
  );
}
