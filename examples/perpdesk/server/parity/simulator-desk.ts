import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Desk,
  type Instrument,
  LocalMarketBus,
  type Logger,
  SeededRandom,
  SortableIdGenerator,
  StaticUserDirectory,
  SystemClock,
  type VenueBudget,
} from '@perpdesk/core';
import { type Database, OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { Redactor } from '@perpdesk/core/security';
import { type HyperliquidSimulator, simulatedWallet } from '@perpdesk/execution/simulator';
import { demoUser } from '../demo-user.ts';
import type { ExecutionChoice } from '../execution/execution-choice.ts';
import { LiveTrading, venueBudgets } from '../execution/live-trading.ts';
import { openVault } from '../execution/open-vault.ts';
import type { Environment } from '../language-model.ts';
import { chooseModel } from '../language-model.ts';
import { createServices, required } from '../services.ts';
import type { ProcessClock } from '../simulation/simulated-time.ts';
import type { DaySettings } from './day-files.ts';
import type { LoopbackWires } from './loopback-wires.ts';
import { StepFeed } from './step-feed.ts';

/** Whose account at the simulator it is, and the key of the agent that trades for it. */
export const accountWallet = simulatedWallet(31);
const agentWallet = simulatedWallet(32);

/** The venue whose protocol the simulator speaks. */
export const simulatedVenue = 'hyperliquid';
const choice: ExecutionChoice = { venues: [simulatedVenue], network: 'testnet' };

/** What a desk on the simulator is made with. */
export interface SimulatorDeskOptions {
  readonly settings: DaySettings;
  readonly instruments: readonly Instrument[];
  readonly exchange: HyperliquidSimulator;
  readonly wires: LoopbackWires;
  readonly clock: ProcessClock;
  readonly environment: Environment;
  readonly logger: Logger;
}

/**
 * The product's desk, wired as it trades live: keys in an encrypted vault, the ccxt venue with signatures of its agent, the
 * budget of requests, the dead man's switch; its venue is the simulator. Market data it is given by whoever plays the tape.
 */
export async function openSimulatorDesk(options: SimulatorDeskOptions) {
  const { settings, exchange, wires, clock, environment, logger } = options;
  const directory = mkdtempSync(join(tmpdir(), 'perpdesk-simulator-'));
  const databases: Database[] = [];
  const open = async (): Promise<Database> => {
    const database = await openDatabase({ url: 'sqlite::memory:', durability: 'normal', logger });
    databases.unshift(database);
    return database;
  };
  let trading: LiveTrading | undefined;
  const close = async (): Promise<void> => {
    await trading?.close();
    for (const database of databases) await database.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    exchange.approveAgent(accountWallet.address, agentWallet.address, { name: 'desk' });
    const { tier, autonomy, seed } = settings;
    const user = demoUser({ tier, autonomy, execution: choice });
    const ofVault = { directory, environment: {}, clock, redactor: new Redactor(), logger };
    await keepKeys(user.id, ofVault);
    const market = await open();
    trading = await LiveTrading.open({
      ...{ ...ofVault, choice, userId: user.id, market, wires, budgets: patientBudgets(clock) },
      endpoints: { [simulatedVenue]: { http: exchange.url, ws: exchange.wsUrl.replace(/\/ws$/, '') } },
      feeds: [new StepFeed(options.instruments, simulatedVenue)],
      openFeed: () => new StepFeed(options.instruments, simulatedVenue),
      markets: options.instruments.map((instrument) => instrument.market),
    });
    const ids = new SortableIdGenerator({ clock, random: new SeededRandom(seed) });
    const desk = await open();
    const eventBus = new OutboxEventBus({ database: desk, clock, ids, pollMs: 0, logger });
    const wallClock = new SystemClock();
    const parts = createServices({
      ...{ clock, wallClock, ids, eventBus, directory, trading, logger },
      marketBus: new LocalMarketBus({ clock, logger }),
      users: new StaticUserDirectory({ users: [user] }),
      databases: { desk, market, paper: await open() },
      thinking: chooseModel(environment),
      rearmToken: seed,
      approvalClock: clock,
    });
    // On the wall clock: a service that hangs while it stops is given up, though simulated time stands still.
    const life = new Desk({ services: parts.services, required, eventBus, clock: wallClock, logger });
    return {
      eventBus,
      parts,
      start: async (): Promise<void> => {
        await eventBus.start();
        await parts.store.start();
        await parts.limitBook.open();
      },
      run: () => life.start(),
      stop: async (): Promise<void> => {
        await life.stop();
        await eventBus.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The venue's budgets, in which a turn that is waited for lets time pass. */
const patientBudgets = (clock: ProcessClock): ReadonlyMap<string, VenueBudget> =>
  new Map(
    [...venueBudgets(choice, clock)].map(([venue, budget]) => [
      venue,
      { acquire: (...asked) => clock.waitFor(budget.acquire(...asked)) },
    ]),
  );

async function keepKeys(userId: string, setting: Omit<Parameters<typeof openVault>[0], 'network'>): Promise<void> {
  const { vault, close } = await openVault({ ...setting, network: choice.network });
  const secrets = { walletAddress: accountWallet.address, privateKey: agentWallet.privateKey };
  await vault.put({ userId, venue: simulatedVenue }, secrets);
  await close();
}
