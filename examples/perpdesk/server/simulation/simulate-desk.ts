import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, SeededRandom } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import type { Spell } from './cover-audit.ts';
import { DeskSimulation } from './desk-simulation.ts';
import type { Violation } from './run-log.ts';
import type { Sabotage } from './sabotage.ts';

/** Options of {@link simulateDesk}. */
export interface SimulateDeskOptions {
  /** A defence that is switched off, to see that its absence is noticed. */
  readonly sabotage?: Sabotage | undefined;
  /** A kind of violation whose first ends the run: what a control waits for. */
  readonly until?: string | undefined;
  /** How long faults strike, ms of simulated time. Default: 8 to 18 minutes, by the seed. */
  readonly faultyMs?: number | undefined;
  /** Agents and the War Room too. Default: for every twentieth seed; the others are given plans as Riven publishes them. */
  readonly agents?: boolean;
  /** After how long without an answer a request is given up, ms. Default 10,000, as the adapters do. */
  readonly timeoutMs?: number | undefined;
  /** Prints what happens as it does. */
  readonly trace?: boolean;
  readonly logger?: Logger;
}

/** A spell without a whole stop, and what may excuse its length. */
export interface JudgedSpell extends Spell {
  /** Its length less the time in which no desk ran, ms. */
  readonly lengthMs: number;
  /** The part of it in which the venue took no order of anybody, ms: nobody could have shortened it. */
  readonly refusedMs: number;
  /** For how much of it the desk knew of it, ms: of one in which it started, from when the venue answered and it sent an order for the position. */
  readonly knownMs: number;
  /** True when the desk tried to close the position at the market. */
  readonly exitTried: boolean;
  /** True when a desk started in it: it is measured from that start. */
  readonly restart: boolean;
  /** Kinds of fault that lasted in it and kept the desk from knowing or acting. */
  readonly faults: readonly string[];
}

/** How a run went. */
export interface SimulationResult {
  readonly seed: number;
  /** SHA-256 of all that happened: the same for the same seed. */
  readonly digest: string;
  readonly violations: readonly Violation[];
  /** The last things that happened. */
  readonly last: readonly string[];
  readonly trades: number;
  readonly fills: number;
  readonly events: number;
  readonly limitChecks: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly spells: readonly JudgedSpell[];
  readonly simulatedMs: number;
}

/**
 * Runs a whole desk through a few simulated hours in which, by the seed, everything may go wrong that goes wrong between a
 * desk and its venue, and lets it recover after. Says what of what must always hold did not.
 */
export async function simulateDesk(seed: number, options: SimulateDeskOptions = {}): Promise<SimulationResult> {
  const directory = mkdtempSync(join(tmpdir(), 'perpdesk-simulation-'));
  const desk = await openDatabase({ url: 'sqlite::memory:' });
  const paper = await openDatabase({ url: 'sqlite::memory:' });
  try {
    const random = new SeededRandom(`desk-simulation:${seed}`);
    const faultyMs = options.faultyMs ?? Math.floor((8 + random.next() * 10) * 60_000);
    const agents = options.agents ?? seed % 20 === 0;
    const simulation = new DeskSimulation({ ...options, seed, faultyMs, agents, directory, desk, paper });
    return { seed, ...(await simulation.run()) };
  } finally {
    await desk.close();
    await paper.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
