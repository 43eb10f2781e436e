import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudyModel } from '@perpdesk/agents';
import { type MarketSource, StaticUserDirectory, type WarRoomMode } from '@perpdesk/core';
import { MarketPlayer, ReplaySource } from '@perpdesk/data';
import type { BacktestContext, BacktestDesk, CreateBacktestDesk } from '@perpdesk/execution/backtest';
import { demoUser } from './demo-user.ts';
import { required, createServices as wire } from './services.ts';

/** What a desk is backtested on. */
export interface DeskBacktestSetting {
  /** A folder of recorded candles, as `--replay` takes; parameter `recording` where it is left out. */
  readonly recording?: string;
  /** Any other source, instead. */
  readonly source?: (context: BacktestContext) => MarketSource;
  /** How the agents debate. Default `handoff`, as the product does; in `graph` rounds take less than half the time. */
  readonly mode?: WarRoomMode;
  /** What the agents ask: made anew for each run, with what ends the run early. Default: they follow their rules. */
  readonly models?: (end: () => void) => StudyModel;
}

/** Nobody but the desk acts on its account, and prices come by the minute: what looks for surprises may look seldom. */
const rarely = {
  sweepMs: 3_600_000,
  exitCheckMs: 60_000,
  limitCheckMs: 900_000,
  // The backtest follows equity itself.
  equityEveryMs: 86_400_000,
} as const;

/**
 * The whole desk of the product, by rules unless it is given models, wired for {@link runBacktest}: the same services as a live one, on
 * databases in memory and a clock that the recording moves.
 */
export function backtestDesk(setting: DeskBacktestSetting = {}): CreateBacktestDesk {
  return async (context) => {
    const { clock, wallClock, ids, eventBus, marketBus, logger } = context;
    const user = demoUser({ tier: 'intermediate', autonomy: 'full-auto' });
    const model = setting.models?.(() => void player.stop());
    const directory = mkdtempSync(join(tmpdir(), 'perpdesk-backtest-'));
    const parts = wire({
      clock,
      wallClock,
      ids,
      eventBus,
      marketBus,
      users: new StaticUserDirectory({ users: [user] }),
      databases: {
        desk: await context.database('desk'),
        market: await context.database('market'),
        paper: await context.database('paper'),
      },
      directory,
      thinking:
        model === undefined
          ? { notice: 'The agents follow their rules.' }
          : { models: [model], notice: `The agents ask ${model.name}.` },
      rearmToken: context.seed,
      study: { ...rarely, mode: setting.mode ?? 'handoff' },
      logger,
    });
    await parts.store.start();
    const player = new MarketPlayer({
      source: setting.source?.(context) ?? recorded(setting, context),
      service: parts.marketData,
      clock,
      wallClock,
      speed: 'max',
      ...(context.toMs === undefined ? {} : { toMs: context.toMs }),
    });
    return {
      services: parts.services,
      required,
      player,
      accounts: parts.portfolio,
      userId: user.id,
      dispose: async () => {
        await model?.flush();
        rmSync(directory, { recursive: true, force: true });
      },
    } satisfies BacktestDesk;
  };
}

/** For a sweep over recordings or spans: `sweep({ module: new URL('./backtest-desk.ts', import.meta.url), … })`. */
export const createServices: CreateBacktestDesk = backtestDesk();

function recorded({ recording }: DeskBacktestSetting, { parameters, fromMs, toMs }: BacktestContext): MarketSource {
  return new ReplaySource({
    directory: recording ?? String(parameters.recording ?? '.'),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  });
}
