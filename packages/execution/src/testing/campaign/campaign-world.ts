import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Clock,
  type ExecutionVenue,
  type Order,
  SeededRandom,
  SimulatedClock,
  SystemClock,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { exampleInstrument, MemoryVault } from '../../ccxt/testing/live-desk.ts';
import { hyperliquidAssets } from '../../simulator/engine/simulated-assets.ts';
import { HyperliquidSimulator } from '../../simulator/hyperliquid-simulator.ts';
import { testWallet } from '../../simulator/testing/test-wallet.ts';
import { noonMs } from '../trading-desk.ts';
import { type CampaignTiming, DeskLife } from './desk-life.ts';
import type { DuplicateCase } from './duplicate-case.ts';
import { MemoryWires } from './memory-wires.ts';
import { UnheldClock } from './unheld-clock.ts';

export const btcAt = exampleInstrument('hyperliquid');
const wallet = testWallet(77);
/** Whose account the runs trade. */
export const trader = wallet.address.toLowerCase();

const asTheyAre: CampaignTiming = {
  ...{ timeoutMs: 10_000, lateMs: 30_000, lifetimeMs: 10_000, resolveMs: 5_000, retryMs: 3_000, endMs: 120_000 },
};
const short: CampaignTiming = {
  ...{ timeoutMs: 2_000, lateMs: 4_000, lifetimeMs: 3_000, resolveMs: 500, retryMs: 300, endMs: 40_000 },
};

/** Files there cost no disk; a process that ends leaves them as on a disk. */
const memory = '/dev/shm';

/** An exchange, a file, and lives of a desk over both: on simulated time in memory, or on real time over sockets. */
export class CampaignWorld {
  readonly exchange: HyperliquidSimulator;
  readonly timing: CampaignTiming;
  /** What a run waits on. */
  readonly clock: Clock;
  readonly #spec: DuplicateCase;
  readonly #simulated: SimulatedClock | undefined;
  readonly #folder: string;
  readonly #vault = new MemoryVault();
  #lives = 0;

  private constructor(spec: DuplicateCase, time: 'simulated' | 'real') {
    this.#spec = spec;
    this.#simulated = time === 'simulated' ? new SimulatedClock({ startAtMs: noonMs }) : undefined;
    this.clock = this.#simulated ?? new SystemClock();
    this.timing = time === 'simulated' ? asTheyAre : short;
    this.#folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'perpdesk-duplicates-'));
    this.exchange = new HyperliquidSimulator({
      ...{ clock: this.clock, clientIds: spec.mode, rateLimits: 'off', tickMs: 1_000 },
      ...{ assets: hyperliquidAssets.slice(0, 1), accounts: { [trader]: toUsd(1_000_000) } },
    });
  }

  static async open(spec: DuplicateCase, time: 'simulated' | 'real'): Promise<CampaignWorld> {
    const world = new CampaignWorld(spec, time);
    const { engine } = world.exchange;
    engine.setMark('BTC', toPrice(60_000));
    const thin = new SeededRandom(`book ${spec.seed}`).next() < 0.2;
    const depth = toSize(thin ? '0.006' : '100');
    engine.setBook(
      'BTC',
      [
        [toPrice(59_999), depth],
        [toPrice(59_900), toSize(thin ? '0.004' : '100')],
      ],
      [
        [toPrice(60_001), depth],
        [toPrice(60_100), toSize(thin ? '0.004' : '100')],
      ],
    );
    await world.#vault.put(
      { userId: 'alice', venue: 'hyperliquid' },
      { walletAddress: wallet.address, privateKey: wallet.privateKey },
    );
    if (time === 'simulated') world.exchange.run();
    else await world.exchange.start();
    return world;
  }

  /** The next life of the desk. */
  async live(onOrder: (order: Order, wasUnknown: boolean) => void): Promise<DeskLife> {
    this.#lives += 1;
    const seed = `${this.#spec.seed} ${this.#lives}`;
    const wires = this.#simulated && {
      wires: new MemoryWires({ exchange: this.exchange, clock: this.clock, random: new SeededRandom(`wires ${seed}`) }),
    };
    return DeskLife.open({
      ...{ clock: this.#simulated === undefined ? this.clock : new UnheldClock(this.#simulated), seed },
      ...{ file: join(this.#folder, 'desk.db'), timing: this.timing, vault: this.#vault, instruments: [btcAt] },
      endpoints: this.#simulated
        ? { http: 'http://127.0.0.1:9', ws: 'ws://127.0.0.1:9' }
        : { http: this.exchange.url, ws: this.exchange.wsUrl.replace('/ws', '') },
      ...(wires ?? {}),
      onOrder,
      ...(this.#spec.sabotage === 'unknown-is-rejected' ? { around: tellUnknownAsRejected } : {}),
      ...(this.#simulated === undefined ? {} : { hold: () => this.#simulated?.hold() ?? (() => {}) }),
    });
  }

  /** Lets time go on until the work is done. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    const clock = this.#simulated;
    if (clock === undefined) return work;
    let done = false;
    const mark = (): void => {
      done = true;
    };
    work.then(mark, mark);
    await clock.idle();
    while (!done) await clock.advanceTo(clock.nextTimerAtMs() ?? clock.nowMs() + 1_000);
    return work;
  }

  async close(): Promise<void> {
    await this.exchange.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A venue that takes an answer that did not come for a refusal. */
function tellUnknownAsRejected(venue: ExecutionVenue): ExecutionVenue {
  return new Proxy(venue, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'place') return value.bind(target);
      return async (...given: Parameters<ExecutionVenue['place']>) => {
        const outcome = await target.place(...given);
        if (outcome.outcome !== 'unknown') return outcome;
        return { outcome: 'rejected', rejection: { code: 'order.invalid', message: outcome.reason } };
      };
    },
  });
}
