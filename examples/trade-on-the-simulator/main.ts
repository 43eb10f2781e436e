// A live venue without a network: the Hyperliquid adapter, with real signatures over real sockets, on an exchange of your own.
import * as core from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { deriveClientOrderId, HmacApprovalAuthority, SqlCredentialVault } from '@perpdesk/core/security';
import { Portfolio, VenueDirectory } from '@perpdesk/execution';
import { CcxtVenue } from '@perpdesk/execution/ccxt';
import { Brix, MemoryRiskStateStore, MemoryTradingSwitch } from '@perpdesk/risk';
import { startLocalMarket } from './local-market.ts';
import { agent, trader, walletAddress } from './trader.ts';

const clock = new core.SystemClock();
const ids = new core.SortableIdGenerator({ clock, random: new core.SystemRandom() });
const eventBus = new core.MemoryEventBus({ clock, ids });
const { exchange, endpoints, instruments, marketView, stop } = await startLocalMarket(clock, eventBus);

// The venue, with its keys in a vault. Leave `endpoints` out, and it is Hyperliquid; `network: 'testnet'`, and it is the test net.
const database = await openDatabase({ url: 'sqlite::memory:' });
const vault = new SqlCredentialVault({ database, clock, unlock: { passphrase: 'only for this example' } });
await vault.start();
const authority = new HmacApprovalAuthority({ clock, ids });
const wiring = { clock, vault, verifier: authority.verifier(), instruments: () => instruments, endpoints };
const venue = new CcxtVenue({ venue: 'hyperliquid', ...wiring });
await venue.start();
const report = await venue.saveCredentials(trader.id, { walletAddress, privateKey: agent.privateKey });
console.log('keys: ok', report.ok, '- may withdraw:', report.canWithdraw);

// The gate in front of it: the venue takes nothing that the gate has not signed.
const [users, venues] = [new core.StaticUserDirectory({ users: [trader] }), new VenueDirectory([venue])];
const accounts = new Portfolio({ users, venues, marketView, eventBus, database, clock });
await accounts.start();
const memory = { tradingSwitch: new MemoryTradingSwitch(), store: new MemoryRiskStateStore() };
const brix = new Brix({ clock, users, accounts, marketView, authority, venues: (name) => venues.get(name), ...memory });

const order = { userId: trader.id, venue: venue.name, instrumentId: 'ETH-PERP@hyperliquid', leverage: 2 } as const;
async function send(leg: Pick<core.OrderIntent, 'side' | 'type' | 'purpose' | 'triggerPrice' | 'stopLoss'>) {
  const timeInForce = leg.type === 'market' ? 'ioc' : 'gtc';
  const terms = { timeInForce, reduceOnly: leg.purpose !== 'entry', size: core.toSize('0.1') } as const;
  const clientOrderId = deriveClientOrderId('example', leg.purpose);
  const decision = await brix.authorize({ ...order, ...terms, ...leg, clientOrderId, origin: 'manual' });
  if (decision.outcome === 'rejected') return console.log(leg.purpose, 'refused:', decision.rejection.message);
  const answer = await venue.place(decision.order);
  console.log(leg.purpose, leg.side, 'rejection' in answer ? answer.rejection.message : answer.outcome);
}

const stopLoss = core.toPrice(core.decimal(exchange.engine.markPrice('ETH')).times('0.97').toFixed(0));
await send({ side: 'buy', type: 'market', purpose: 'entry', stopLoss });
while (accounts.positions(trader.id).length === 0) await clock.sleep(20);
await send({ side: 'sell', type: 'stop-market', purpose: 'stop-loss', triggerPrice: stopLoss });
const resting = exchange.engine.openOrders(walletAddress).map(({ trigger }) => trigger?.kind);
console.log('at the exchange:', exchange.engine.account(walletAddress).positions[0]?.size, 'ETH and a', ...resting);
await send({ side: 'sell', type: 'market', purpose: 'exit' });
const [told, ledger] = [await venue.fetchAccount(trader.id), exchange.engine.account(walletAddress)];
console.log('equity:', core.decimal(told.equity).equals(ledger.accountValue) ? 'as in the ledger' : [told, ledger]);
console.log('asked for, besides orders:', exchange.unwanted.length === 0 ? 'nothing' : exchange.unwanted);
for (const part of [accounts, venue]) await part.stop();
await stop();
