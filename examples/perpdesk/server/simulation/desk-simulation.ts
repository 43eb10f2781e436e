import {
  type ApprovedOrder,
  type Logger,
  type MarketStep,
  SeededRandom,
  silentLogger,
  type TradingScope,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { DeskProcess } from './desk-process.ts';
import { FaultScript } from './fault-script.ts';
import { adapterTimeoutMs, FaultyVenue } from './faulty-venue.ts';
import { Hands } from './hands.ts';
import { judgeEnd, judgeJournal, judgeLedger } from './judge-end.ts';
import { judgeSpells } from './judge-spells.ts';
import { LimitAudit } from './limit-audit.ts';
import { drawPlan } from './plan-source.ts';
import { processDatabase } from './process-database.ts';
import { RunLog } from './run-log.ts';
import type { Sabotage } from './sabotage.ts';
import type { SimulationResult } from './simulate-desk.ts';
import { SimulatedTime } from './simulated-time.ts';
import { simulatedUsers } from './simulated-users.ts';
import { deposit, SimulatedWorld } from './simulated-world.ts';
import { VenueAudit } from './venue-audit.ts';
import { VolatileMarket } from './volatile-market.ts';

/** Options of {@link DeskSimulation}. */
export interface DeskSimulationOptions {
  readonly seed: number;
  readonly faultyMs: number;
  readonly agents: boolean;
  readonly directory: string;
  readonly desk: Database;
  readonly paper: Database;
  readonly sabotage?: Sabotage | undefined;
  readonly until?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly trace?: boolean;
  readonly logger?: Logger;
}

/** 2026-01-05T08:00:00Z, a Monday: a run ends on the day it began. */
const startAtMs = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
/** How long all has to be over after the last position was closed. */
const settleMs = 5 * minuteMs;
const userIds = simulatedUsers.map(({ id }) => id);

/** A reduce-only order that the desk sent. */
export interface ReducingOrder {
  readonly userId: string;
  readonly instrumentId: string;
  readonly atMs: number;
  /** True of a market exit because no stop could be laid. */
  readonly lastResort: boolean;
}

/** From when to when no process of the desk ran. */
export interface Downtime {
  readonly fromMs: number;
  toMs: number;
}

/** One run: the world, the lives of the desk in it, what befalls them, and what is looked at all the while. */
export class DeskSimulation {
  readonly time = new SimulatedTime(startAtMs);
  readonly downtimes: Downtime[] = [];
  readonly reducing: ReducingOrder[] = [];
  readonly #options: DeskSimulationOptions;
  readonly #log: RunLog;
  readonly #audit: VenueAudit;
  readonly #limits: LimitAudit;
  readonly #faults: FaultScript;
  readonly #market: VolatileMarket;
  readonly #plans: SeededRandom;
  readonly #kills: SeededRandom;
  readonly #userRandom: SeededRandom;
  /** Scopes whose halt has been confirmed and that nobody has re-armed. */
  readonly #halted = new Set<TradingScope>();
  readonly #endOfFaultsMs: number;
  #world!: SimulatedWorld;
  #hands!: Hands;
  #life!: DeskProcess;
  #lives = 0;
  #lastStep: MarketStep | undefined;
  /** The end of the process that is to come: at which point, and at how many-th. */
  #doom: { readonly at: 'request' | 'statement'; left: number } | undefined;
  #calm = false;
  #timersAtRest = 0;

  constructor(options: DeskSimulationOptions) {
    this.#options = options;
    const nowMs = (): number => this.time.clock.nowMs();
    const random = (name: string): SeededRandom => new SeededRandom(`${options.seed}:${name}`);
    this.#log = new RunLog({ nowMs, trace: options.trace ?? false });
    const markOf = (id: string): number | undefined => this.#world.mark(id);
    this.#audit = new VenueAudit({ log: this.#log, nowMs, markOf, deposit });
    this.#limits = new LimitAudit({
      ...{ log: this.#log, audit: this.#audit, markOf, nowMs, users: simulatedUsers },
      dayOpen: deposit,
    });
    this.#endOfFaultsMs = startAtMs + options.faultyMs;
    this.#faults = new FaultScript({
      random: random('faults'),
      storms: random('storms'),
      nowMs,
      fromMs: startAtMs + minuteMs,
      toMs: this.#endOfFaultsMs,
    });
    this.#plans = random('plans');
    this.#kills = random('kills');
    this.#userRandom = random('users');
    const backfillDays = options.agents ? 6 : 1;
    this.#market = new VolatileMarket({ seed: String(options.seed), startAtMs, backfillDays });
  }

  async run(): Promise<Omit<SimulationResult, 'seed'>> {
    await this.#open();
    this.#schedule();
    await this.#play(this.#endOfFaultsMs);
    if (!this.#isOver()) await this.#settle();
    return this.#result();
  }

  async #open(): Promise<void> {
    await this.#market.open();
    const { instruments } = this.#market;
    this.#world = new SimulatedWorld({
      ...{ time: this.time, seed: String(this.#options.seed), database: this.#options.paper, instruments },
    });
    this.#hands = new Hands({
      ...{ clock: this.#world.clock, random: new SeededRandom(`${this.#options.seed}:hands`), world: this.#world },
      ...{ audit: this.#audit, faults: this.#faults, users: simulatedUsers, instruments },
    });
    await this.#world.venue.start();
    for (const userId of userIds) this.#world.venue.watch(userId, (update) => this.#audit.hear(userId, update));
    await this.#step();
    void this.#revive();
    for (let step = 0; step < 3; step += 1) await this.#step();
    this.#timersAtRest = this.#life.clock.timers;
  }

  /** What befalls the desk and what its users do, all drawn before it begins. */
  #schedule(): void {
    const { clock } = this.#world;
    const repeat = (random: SeededRandom, from: number, to: number, act: () => Promise<void>): void => {
      clock.setTimer(from + random.next() * (to - from), () => {
        if (this.#calm) return;
        void act();
        repeat(random, from, to, act);
      });
    };
    if (!this.#options.agents || this.#plans.next() < 0.5)
      repeat(this.#plans, 6_000, 20_000, () => this.#publishPlan());
    if (this.#userRandom.next() < 0.6) repeat(this.#userRandom, 40_000, 240_000, () => this.#hands.act());
    if (this.#userRandom.next() < 0.5) repeat(this.#userRandom, 100_000, 500_000, () => this.#closeByDesk());
    const { faultyMs } = this.#options;
    for (let left = Math.floor(this.#kills.next() * 3); left > 0; left -= 1)
      clock.setTimer(this.#kills.next() * faultyMs, () => void this.#trip());
    for (let left = Math.floor(this.#kills.next() * 5); left > 0; left -= 1)
      clock.setTimer(minuteMs + this.#kills.next() * (faultyMs - minuteMs), () => this.#draw());
  }

  /** Draws how the process ends: at once, in a request, in the midst of writing. */
  #draw(): void {
    const drawn = this.#kills.next();
    if (drawn < 0.3) this.#kill('between two things');
    else if (drawn < 0.7) this.#doom = { at: 'request', left: 1 + Math.floor(this.#kills.next() * 8) };
    else this.#doom = { at: 'statement', left: 1 + Math.floor(this.#kills.next() * 150) };
  }

  #pass(point: 'request' | 'statement'): void {
    const doom = this.#doom;
    if (doom?.at !== point || this.#calm) return;
    doom.left -= 1;
    if (doom.left > 0) return;
    this.#doom = undefined;
    this.#kill(`in a ${point}`);
  }

  #kill(where: string): void {
    if (this.#life.clock.ended) return;
    this.#log.note(`the process ends ${where}`);
    this.#faults.count(`process ended ${where}`);
    this.#life.kill();
    this.#reviveLater(500 + this.#kills.next() * 15_000);
  }

  #reviveLater(delayMs: number): void {
    const downtime: Downtime = { fromMs: this.time.clock.nowMs(), toMs: Number.POSITIVE_INFINITY };
    this.downtimes.push(downtime);
    this.#world.clock.setTimer(delayMs, () => {
      downtime.toMs = this.time.clock.nowMs();
      void this.#revive();
    });
  }

  /** Starts a process on what the last one left. */
  async #revive(): Promise<void> {
    this.#lives += 1;
    const {
      agents,
      desk,
      directory,
      logger = silentLogger,
      sabotage,
      seed,
      timeoutMs = adapterTimeoutMs,
    } = this.#options;
    const clock = this.time.process();
    const database = processDatabase(desk, this.time, {
      failing: () => this.#faults.lasts('database down'),
      onStatement: () => this.#pass('statement'),
      ended: () => clock.ended,
    });
    const venue = new FaultyVenue({
      ...{ venue: this.#world.venue, process: clock, faults: this.#faults, timeoutMs },
      onSend: (order) => this.#sent(order),
      onRejected: ({ intent }) => this.#limits.rejected(intent),
      onCrashPoint: () => this.#pass('request'),
    });
    const life = new DeskProcess({
      ...{ time: this.time, clock, database, directory, venue, agents, sabotage, logger, users: simulatedUsers },
      ...{ seed: `${seed}:${this.#lives}`, instruments: this.#market.instruments, authority: this.#world.authority },
      busFails: () => this.#faults.lasts('bus down'),
      onApproved: (id) => this.#audit.approved(id),
    });
    this.#life = life;
    this.#log.note(`process ${this.#lives} starts`);
    if (agents)
      await this.time.solid(async () => life.warm(await this.#market.history(), await this.#market.background()));
    if (this.#lastStep !== undefined) await life.take(this.#lastStep);
    life.eventBus.subscribe({ group: 'simulation', types: ['approval.requested', 'signal.issued'] }, (event) => {
      if (event.type === 'signal.issued') this.#audit.signal(event.payload.id, event.payload.size);
      else if (event.type === 'approval.requested') this.#answerLater(life, event.payload);
    });
    try {
      await life.start();
    } catch (error) {
      if (clock.ended) return;
      this.#log.note(`the process does not start: ${String(error)}`);
      life.kill();
      this.#reviveLater(5_000);
    }
  }

  #answerLater(life: DeskProcess, asked: { userId: string; signalId: string; contentHash: string }): void {
    const { contentHash, signalId, userId } = asked;
    const declines = this.#userRandom.next() < 0.15;
    life.clock.setTimer(1_000 + this.#userRandom.next() * 40_000, () => {
      const answer = declines
        ? life.trades.decline(userId, signalId, 'no')
        : life.trades.approve(userId, signalId, contentHash);
      answer.catch((error: unknown) => this.#log.note(`an answer did not arrive: ${String(error)}`));
    });
  }

  #sent(order: ApprovedOrder): void {
    const { intent } = order;
    this.#audit.sent(order);
    if (intent.reduceOnly) {
      this.reducing.push({
        userId: intent.userId,
        instrumentId: intent.instrumentId,
        atMs: this.time.clock.nowMs(),
        lastResort: intent.closeReason === 'unprotected',
      });
      return;
    }
    for (const scope of ['operator', `user:${intent.userId}`] as const)
      if (this.#halted.has(scope))
        this.#log.violation('entry while halted', `${scope}: ${intent.clientOrderId} of ${intent.userId}`);
    // What somebody did by hand a moment ago, or what was dropped on its way, the desk can not know yet.
    const nowMs = this.time.clock.nowMs();
    const unseen =
      nowMs - (this.#hands.tradedAtMs.get(intent.userId) ?? 0) < 70_000 || this.#faults.droppedWithin(70_000);
    if (!unseen) this.#limits.judge(intent);
  }

  async #publishPlan(): Promise<void> {
    const life = this.#life;
    const { instruments } = this.#market;
    const instrument = instruments[Math.floor(this.#plans.next() * instruments.length)];
    const mark = instrument && this.#world.mark(instrument.id);
    if (instrument === undefined || mark === undefined) return;
    const plan = drawPlan({ random: this.#plans, instrument, mark, nowMs: this.time.clock.nowMs() });
    if (life.running) await life.eventBus.publish(plan).catch(ignore);
  }

  async #closeByDesk(): Promise<void> {
    const life = this.#life;
    if (!life.running) return;
    const positions = life.portfolio.allPositions();
    const position = positions[Math.floor(this.#userRandom.next() * positions.length)];
    if (position === undefined) return;
    this.#faults.count('closed at the desk');
    await life.closer.close(position, { origin: 'manual', reason: 'manual' }).catch(ignore);
  }

  /** Trips the kill switch for a user or for all, and re-arms it minutes later. */
  async #trip(): Promise<void> {
    const life = this.#life;
    if (!life.running) return;
    const drawn = this.#kills.next();
    const scope: TradingScope = drawn < 0.4 ? 'operator' : `user:${userIds[Math.floor(drawn * 100) % userIds.length]}`;
    this.#faults.count('kill switch');
    this.#world.clock.setTimer(minuteMs + this.#kills.next() * 4 * minuteMs, () => void this.#rearm(scope));
    await life.killSwitch.trip(scope, 'enough', userIds);
    this.#log.note(`halted ${scope}`);
    this.#halted.add(scope);
    if (this.#kills.next() < 0.5) for (const userId of userIds) await life.killSwitch.flatten(userId).catch(ignore);
  }

  async #rearm(scope: TradingScope): Promise<void> {
    const life = this.#life;
    try {
      if (!life.running) throw new Error('no desk runs');
      this.#halted.delete(scope);
      await life.rearm(scope);
      this.#log.note(`re-armed ${scope}`);
    } catch {
      this.#world.clock.setTimer(10_000, () => void this.#rearm(scope));
    }
  }

  async #play(untilMs: number): Promise<void> {
    while (this.time.clock.nowMs() < untilMs && !this.#isOver()) await this.#step();
  }

  #isOver(): boolean {
    const { until } = this.#options;
    return until !== undefined && this.#log.saw(until);
  }

  async #step(): Promise<void> {
    const depth = this.#faults.lasts('thin book') ? 0.004 : 1;
    const step = await this.#market.next(depth);
    await this.time.clock.advanceTo(Math.max(step.atMs, this.time.clock.nowMs()));
    this.#lastStep = step;
    await this.#world.take(step);
    await this.time.clock.idle();
    if (this.#lives === 0 || this.#life.clock.ended) return;
    this.#life.take(step).catch(ignore);
    await this.time.clock.idle();
  }

  /** Heals all, closes what is open, and waits until all that was begun has ended. */
  async #settle(): Promise<void> {
    this.#log.note('all is healed');
    this.#calm = true;
    this.#doom = undefined;
    this.#faults.heal();
    const passes = (ms: number): Promise<void> => this.#play(this.time.clock.nowMs() + ms);
    await passes(2 * minuteMs);
    const life = this.#life;
    if (!life.running) return this.#log.violation('liveness', 'the desk does not run again');
    for (const userId of userIds)
      for (const { signal } of await life.trades.fetchApprovals(userId))
        await life.trades.decline(userId, signal.id, 'the end').catch(ignore);
    if (this.#options.seed % 4 !== 0) void life.killSwitch.trip('operator', 'the end', userIds).catch(ignore);
    for (let waited = 0; waited < 12 && this.#entriesRest(); waited += 1) await passes(minuteMs);
    for (let tried = 0; tried < 30 && this.#positionsHeld(); tried += 1) {
      for (const { held, userId } of this.#audit.accounts.values())
        for (const [instrumentId, { size }] of held)
          if (!size.isZero()) {
            const key = { userId, venue: this.#world.venue.name, instrumentId: instrumentId as 'BTC-PERP@hyperliquid' };
            void life.closer.close(key, { origin: 'manual', reason: 'manual' }).catch(ignore);
          }
      await passes(10_000);
    }
    await passes(settleMs);
  }

  #entriesRest(): boolean {
    return [...this.#audit.accounts.values()].some(({ live }) =>
      [...live.values()].some(({ reduceOnly }) => !reduceOnly),
    );
  }

  #positionsHeld(): boolean {
    return [...this.#audit.accounts.values()].some(({ held }) => [...held.values()].some(({ size }) => !size.isZero()));
  }

  async #result(): Promise<Omit<SimulationResult, 'seed'>> {
    const log = this.#log;
    const audit = this.#audit;
    const nowMs = this.time.clock.nowMs();
    audit.cover.end(nowMs);
    const events = await judgeJournal(this.#options.desk, { log, audit });
    audit.judgeTrades();
    await judgeLedger(this.#world.venue, userIds, { log, audit });
    if (this.#life.running)
      await judgeEnd(this.#life, userIds, {
        log,
        audit,
        venue: this.#world.venue,
        timersAtRest: this.#timersAtRest,
        desk: this.#options.desk,
      });
    const spells = judgeSpells(audit.cover.spells, {
      ...{ faults: this.#faults, downtimes: this.downtimes, reducing: this.reducing, log },
    });
    return {
      violations: log.violations,
      last: log.last,
      trades: audit.trades,
      fills: audit.fills,
      events,
      limitChecks: this.#limits.checked,
      faults: this.#faults.counts,
      spells,
      simulatedMs: nowMs - startAtMs,
      digest: log.end(),
    };
  }
}

const ignore = (): void => {};
