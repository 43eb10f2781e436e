import { existsSync } from 'node:fs';
import { ConfigError, type MarketStep, toUsd } from '@perpdesk/core';
import type { AccountingTerms, CompareOptions, Way } from '@perpdesk/execution';
import { SimulatedExchange, startSimulator, TapeMarket, toAsset } from '@perpdesk/execution/simulator';
import { type ProcessClock, SimulatedTime } from '../simulation/simulated-time.ts';
import { LoopbackWires } from './loopback-wires.ts';
import { ActReplay, readActs } from './recorded-acts.ts';
import { type RecordedDay, readJournal, until } from './recorded-day.ts';
import type { RunParityOptions } from './run-parity.ts';
import { accountWallet, openSimulatorDesk, simulatedVenue } from './simulator-desk.ts';

/** Options of {@link simulatorWay}. */
export interface SimulatorWayOptions extends Pick<RunParityOptions, 'environment' | 'logger'> {
  /** How long a request, its answer and a message of a socket are on their way, ms of simulated time, each. Default 50. */
  readonly latencyMs?: number;
  /** Called when all that a step of the tape set off at once is done, with the step's instant. */
  readonly onStep?: (atMs: number) => void;
}

/** A day at the simulator. */
export interface SimulatorWay extends Way {
  /** What went over the machine's network: requests that were answered, messages of sockets. */
  readonly wires: LoopbackWires['counts'];
}

/** What a paper account begins with. */
const startingBalance = toUsd(10_000);

/**
 * A recorded run again, its orders at the local Hyperliquid: real HTTP and WebSocket on this machine, real signatures, and the
 * exchange's market moved by the same tape that the desk is shown. Simulated time stands still while anything is in the
 * machine's network; on its way it is `latencyMs` each way.
 * @throws ConfigError `parity.not-repeatable` for a run that was live or went on from another; `simulator.asset`.
 */
export async function simulatorWay(day: RecordedDay, options: SimulatorWayOptions): Promise<SimulatorWay> {
  const { latencyMs = 50, environment, logger, onStep } = options;
  requireRepeatable(day);
  const instruments = await day.source.instruments();
  const listed = instruments.filter(({ venue }) => venue === simulatedVenue);
  const steps = day.source.steps()[Symbol.asyncIterator]();
  const first = await next(steps);
  if (first === undefined) throw notRepeatable(day, 'holds no step');

  const time = new SimulatedTime(first.atMs);
  const clock = time.process();
  const [one] = listed;
  const engine = new SimulatedExchange({
    ...{ clock: time.clock, assets: listed.map(toAsset), logger },
    // As on paper: the rates that the instruments state.
    ...(one === undefined
      ? {}
      : { feeTiers: [{ volumeFrom: toUsd(0), maker: one.makerFeeRate, taker: one.takerFeeRate }] }),
  });
  const exchange = await startSimulator({
    ...{ engine, clock: time.clock, network: 'testnet', tickMs: 1_000 },
    accounts: { [accountWallet.address]: startingBalance },
  });
  const wires = new LoopbackWires({ time, clock });
  engine.on(({ kind }) => {
    if (kind === 'order' || kind === 'fill' || kind === 'funding') wires.settle();
  });
  const market = new TapeMarket({ engine, instruments: listed, account: accountWallet.address });
  const { settings } = day;
  const desk = await openSimulatorDesk({ settings, instruments: listed, exchange, wires, clock, environment, logger });
  try {
    const { parts } = desk;
    await desk.start();
    parts.marketData.list(instruments);
    await parts.marketData.warm(day.source.history(), day.source.background());
    market.foretell(first);
    market.take(first);
    // It is up when its day begins: until then nothing takes time.
    await desk.run();
    await time.clock.idle();
    wires.latencyMs = latencyMs;
    const acts = new ActReplay({
      ...{ recorded: readActs(day.files.acts), acts: parts, logger },
      clock: { visit: (act, place) => time.clock.visit(async () => start(clock, act), place) },
    });
    acts.due();
    let failure: unknown;
    const leadMs = leadOf(latencyMs);
    for (let step: MarketStep | undefined = first; step !== undefined; step = await next(steps)) {
      market.foretell(step);
      if (step !== first) {
        await time.clock.advanceTo(Math.max(step.atMs - leadMs, time.clock.nowMs()));
        market.pass(step);
        await time.clock.advanceTo(Math.max(step.atMs, time.clock.nowMs()));
        market.take(step);
      }
      // Not waited for: what it sets off may wait for answers, which take time.
      parts.marketData.ingest(step).catch((error: unknown) => {
        failure ??= error;
      });
      await time.clock.idle();
      if (failure !== undefined) throw failure;
      acts.stepped();
      onStep?.(step.atMs);
    }
    await time.clock.advanceTo(Math.max(day.endMs, time.clock.nowMs()));
    const journal = until(await readJournal(desk.eventBus, 0), day.endMs);
    return { name: `simulator, ${latencyMs} ms each way`, journal, wires: wires.counts, options: boundsOf(latencyMs) };
  } finally {
    wires.latencyMs = 0;
    await steps.return?.(undefined);
    await desk.stop();
    clock.end();
    await exchange[Symbol.asyncDispose]();
  }
}

/** How many ways, one after the other, lie at the most between a bar's close and the last of what it sets off: see docs/parity.md. */
const mostWays = 40;

/** How long before its end the path of a minute is gone, where the tape has but bars: what it sets off is there at the close. */
const leadOf = (latencyMs: number): number => Math.max(1, mostWays * latencyMs);

/** In what Hyperliquid reckons otherwise than the paper venue: see docs/parity.md. */
const accounting: AccountingTerms = {
  // A millionth of a dollar for each fill and each payment.
  usd: '0.0005',
  ratio: '0.00000001',
  members: [
    ...['fill.feeRate', 'position.margin', 'position.updatedAtMs', 'order.createdAtMs', 'funding.notional'],
    ...['account.usedMargin', 'account.availableMargin', 'decision.available', 'decision.note'],
    // Paper tells its account when an order ends, too, each time at the mark of then.
    ...['account.atMs', 'account.equity', 'account.unrealizedPnl'],
  ],
};

function boundsOf(latencyMs: number): CompareOptions {
  const ms = leadOf(latencyMs);
  const latency = { ms, price: '0.001', restingMs: 60_000 };
  return { venues: { [simulatedVenue]: 'paper' }, accounting, latency, toleranceMs: ms };
}

/** Begins an act without waiting for it: what it waits for is on its way, which takes time. */
function start(clock: ProcessClock, act: () => Promise<void>): void {
  void act().finally(clock.hold());
}

async function next(steps: AsyncIterator<MarketStep>): Promise<MarketStep | undefined> {
  const result = await steps.next();
  return result.done === true ? undefined : result.value;
}

function requireRepeatable(day: RecordedDay): void {
  if (day.settings.source === 'live') throw notRepeatable(day, 'was live');
  if (existsSync(day.files.start)) throw notRepeatable(day, 'went on from another run, whose positions are on paper');
}

const notRepeatable = ({ files }: RecordedDay, why: string): ConfigError =>
  new ConfigError('parity.not-repeatable', `${files.path} ${why}: it can not be run again at the simulator.`);
