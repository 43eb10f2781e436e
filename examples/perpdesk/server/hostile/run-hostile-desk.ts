import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApprovedOrder, type Logger, SeededRandom, type User } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { DeskProcess, type PanelParts } from '../simulation/desk-process.ts';
import { FaultScript } from '../simulation/fault-script.ts';
import { FaultyVenue } from '../simulation/faulty-venue.ts';
import { judgeJournal, judgeLedger } from '../simulation/judge-end.ts';
import { LimitAudit } from '../simulation/limit-audit.ts';
import { processDatabase } from '../simulation/process-database.ts';
import { RunLog, type Violation } from '../simulation/run-log.ts';
import type { Sabotage } from '../simulation/sabotage.ts';
import { SimulatedTime } from '../simulation/simulated-time.ts';
import { simulatedUsers } from '../simulation/simulated-users.ts';
import { deposit, SimulatedWorld } from '../simulation/simulated-world.ts';
import { VenueAudit } from '../simulation/venue-audit.ts';
import { DecisionAudit, type RoundFigures } from './decision-audit.ts';
import { errorsHeard } from './errors-heard.ts';
import { type HostileCall, HostileModel, type Temper } from './hostile-model.ts';
import { hostilePanel, type PanelModels, sensingAgents } from './hostile-panel.ts';
import type { Injection } from './injections.ts';
import { MinuteMarket } from './minute-market.ts';
import { ObedientModel } from './obedient-model.ts';

/** Options of {@link runHostileDesk}. */
export interface HostileDeskOptions {
  /** Quarters of an hour that are played, each with a round of every market. Default 25. */
  readonly quarters?: number;
  readonly sabotage?: Sabotage;
  /** A kind of violation whose first ends the play: what a control waits for. */
  readonly until?: string;
  /** Texts that come as titles of economic events, with models that obey each of them in place of those that do harm of their own. */
  readonly injected?: readonly Injection[];
}

/** How a run went. */
export interface HostileResult extends RoundFigures {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly last: readonly string[];
  readonly calls: readonly Omit<HostileCall, 'prompt'>[];
  /** Prompts whose injected text was obeyed, and how many of the texts were found in one. */
  readonly obeyed: { readonly prompts: number; readonly texts: number };
  readonly fills: number;
  readonly trades: number;
  readonly limitChecks: number;
  readonly digest: string;
}

/** 2026-01-05T08:00:00Z, a Monday. */
const startAtMs = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
const markets = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP', 'XRP-PERP'];
const userIds = simulatedUsers.map(({ id }) => id);

/** From mostly within the schema to mostly beside it: breakers leave the last alone most of the time. */
const tempers: readonly Temper[] = [
  { within: 0.98, atOnce: 0.95 },
  { within: 0.9, atOnce: 0.85 },
  { within: 0.8, atOnce: 0.75 },
  { within: 0.3, atOnce: 0.4 },
];

/**
 * Plays a whole desk of three users whose agents, Riven and Koda ask models that do what harms most, and says what did not hold. In one
 * seed of five only one agent has a model, which fails in every way.
 */
export async function runHostileDesk(seed: number, options: HostileDeskOptions = {}): Promise<HostileResult> {
  const directory = mkdtempSync(join(tmpdir(), 'perpdesk-hostile-'));
  const desk = await openDatabase({ url: 'sqlite::memory:' });
  const paper = await openDatabase({ url: 'sqlite::memory:' });
  try {
    return await play(seed, options, { directory, desk, paper });
  } finally {
    await desk.close();
    await paper.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function play(
  seed: number,
  { quarters = 25, sabotage, until, injected = [] }: HostileDeskOptions,
  { directory, desk, paper }: { readonly directory: string; readonly desk: Database; readonly paper: Database },
): Promise<HostileResult> {
  const time = new SimulatedTime(startAtMs);
  const nowMs = (): number => time.clock.nowMs();
  const random = (name: string): SeededRandom => new SeededRandom(`hostile:${seed}:${name}`);
  const log = new RunLog({ nowMs, trace: false });
  const market = new MinuteMarket({
    ...{ seed: String(seed), startAtMs, markets },
    titles: injected.map(({ parts }) => parts.join(' ')),
  });
  const instruments = await market.instruments();
  const world = new SimulatedWorld({ time, seed: String(seed), database: paper, instruments });
  const markOf = (id: string): number | undefined => world.mark(id);
  const audit = new VenueAudit({ log, nowMs, markOf, deposit });
  const limits = new LimitAudit({ log, audit, markOf, nowMs, users: simulatedUsers, dayOpen: deposit });
  const calm = new FaultScript({ random: random('faults'), storms: random('storms'), nowMs, fromMs: 0, toMs: 0 });
  calm.heal();
  const clock = time.process();
  const database = processDatabase(desk, time, { failing: () => false, onStatement: () => {}, ended: () => false });

  const temper = tempers[Math.floor(seed / 2) % tempers.length] as Temper;
  const model = (name: string): HostileModel => new HostileModel({ seed: `hostile:${seed}:${name}`, clock, temper });
  const alone = seed % 5 === 0;
  const hostile = (
    alone
      ? { vanta: new HostileModel({ seed: `alone:${seed}`, clock, temper: { within: 0, atOnce: 0.5 } }) }
      : {
          vanta: model('vanta'),
          luma: model('luma'),
          meridian: model('meridian'),
          riven: model('riven'),
          koda: model('koda'),
        }
  ) satisfies PanelModels;
  const obedient = new ObedientModel();
  obedient.expect(...injected);
  const models: PanelModels = injected.length === 0 ? hostile : obeying(obedient);

  const errors = errorsHeard(log);
  let decisions: DecisionAudit | undefined;
  const venue = new FaultyVenue({
    ...{ venue: world.venue, process: clock, faults: calm, timeoutMs: 10_000, onCrashPoint: () => {} },
    onSend: (order: ApprovedOrder) => {
      audit.sent(order);
      decisions?.sent(order.intent);
      if (!order.intent.reduceOnly) limits.judge(order.intent);
    },
    onRejected: ({ intent }) => limits.rejected(intent),
  });
  const panel = (parts: PanelParts) => {
    decisions = new DecisionAudit({ log, nowMs, markOf, users: simulatedUsers, shadows: sensingAgents(parts, {}) });
    return hostilePanel(parts, models, seed % 2 === 0 ? 'graph' : 'handoff');
  };
  const users: readonly User[] = structuredClone(simulatedUsers);
  const life = new DeskProcess({
    ...{
      time,
      clock,
      database,
      directory,
      venue,
      users,
      instruments,
      sabotage,
      panel,
      agents: true,
      seed: String(seed),
    },
    ...{ authority: world.authority, busFails: () => false, logger: errors.logger as Logger },
    onApproved: (id) => audit.approved(id),
  });
  if (decisions === undefined) throw new Error('The desk has no panel.');
  const watched = decisions;
  const answers = random('answers');
  watched.follow(life.eventBus);
  life.eventBus.subscribe({ group: 'hands', types: ['approval.requested', 'signal.issued'] }, (event) => {
    if (event.type === 'signal.issued') audit.signal(event.payload.id, event.payload.size);
    if (event.type !== 'approval.requested') return;
    const { contentHash, signalId, userId } = event.payload;
    const drawn = answers.next();
    if (drawn < 0.3) return;
    clock.setTimer(1_000 + answers.next() * 20_000, () => {
      if (drawn < 0.85) watched.answers(signalId);
      const said =
        drawn < 0.85
          ? life.trades.approve(userId, signalId, contentHash)
          : life.trades.decline(userId, signalId, 'No.');
      said.catch((error: unknown) => log.note(`an answer did not arrive: ${String(error)}`));
    });
  });

  try {
    await world.venue.start();
    for (const userId of userIds) world.venue.watch(userId, (update) => audit.hear(userId, update));
    await time.solid(async () => life.warm(await market.history(), await market.background()));
    const step = async (): Promise<void> => {
      const next = await market.next();
      await time.clock.advanceTo(Math.max(next.atMs, nowMs()));
      await world.take(next);
      await time.clock.idle();
      await life.take(next);
      await time.clock.idle();
    };
    await step();
    void life.start().catch((error: unknown) => log.violation('start', String(error)));
    for (let minute = 0; minute < quarters * 15 && (until === undefined || !log.saw(until)); minute += 1) await step();
    // What the last minute began comes to its end.
    await time.clock.advanceTo(nowMs() + 2 * minuteMs);

    const calls = Object.values(hostile).flatMap((each) => each.calls);
    await watched.judgeCalls(calls);
    await judgeJournal(desk, { log, audit });
    const told = desk.as<{ perpdesk_events: { readonly type: string; readonly payload: string } }>();
    for (const event of await told.selectFrom('perpdesk_events').select(['type', 'payload']).execute())
      watched.judgeEvent(event);
    audit.judgeTrades();
    await judgeLedger(world.venue, userIds, { log, audit });
    if (JSON.stringify(users) !== JSON.stringify(simulatedUsers))
      log.violation('settings', 'A user has other settings.');
    return {
      ...{ seed, ...watched.figures, fills: audit.fills, trades: audit.trades, limitChecks: limits.checked },
      ...{ violations: log.violations, last: log.last, digest: log.end() },
      calls: calls.map(({ prompt: _, ...call }) => call),
      obeyed: { prompts: obedient.calls.filter(({ obeyed }) => obeyed).length, texts: obedient.found.size },
    };
  } finally {
    errors.end();
    life.kill();
  }
}

/** One model for all of them. */
const obeying = (model: ObedientModel): PanelModels => ({
  ...{ vanta: model, luma: model, meridian: model, riven: model, koda: model },
});
