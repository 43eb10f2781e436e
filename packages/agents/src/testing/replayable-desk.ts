import {
  causedBy,
  type DomainEvent,
  type LanguageModel,
  type SensingAgent,
  SimulatedClock,
  StaticUserDirectory,
  type Ticker,
  type WarRoomMode,
} from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { DecisionRecorder } from '../journal/decision-recorder.ts';
import { MemoryDecisionJournal } from '../journal/memory-decision-journal.ts';
import { Koda } from '../koda/agent.ts';
import { KodaService } from '../koda/koda-service.ts';
import { Luma } from '../luma/agent.ts';
import { Meridian } from '../meridian/agent.ts';
import { Riven } from '../riven/agent.ts';
import { AgentService } from '../service/agent-service.ts';
import { Vanta } from '../vanta/agent.ts';
import { WarRoom } from '../war-room/war-room.ts';
import { WarRoomService } from '../war-room/war-room-service.ts';
import { closedCandle, exampleBus, publishClose, published } from './desk.ts';
import {
  exampleCandles,
  exampleFunding,
  exampleInstrument,
  exampleOpenInterest,
  exampleRelease,
  startAtMs,
} from './market.ts';
import { exampleSignal } from './signal.ts';

const id = 'BTC-PERP@hyperliquid';
const atMs = startAtMs + 14 * 86_400_000;

/** How {@link runDecision} is set up. */
export interface DecisionSetting {
  /** For all agents, Riven and Koda. Default: rules. */
  readonly model?: LanguageModel;
  readonly mode?: WarRoomMode;
  /** Agents beside the three. */
  readonly others?: readonly SensingAgent[];
  /** Agents that write nothing down. */
  readonly silent?: readonly string[];
  readonly journal?: MemoryDecisionJournal;
  /** Drift of a minute, as a fraction of the price. */
  readonly drift?: number;
  /** Told of each event as it is published. */
  readonly onEvent?: (event: Pick<DomainEvent, 'type'>) => void;
}

/** One close of a rising market through agents, War Room and Koda, with all that was recorded of it. */
export async function runDecision(setting: DecisionSetting = {}) {
  const { model, mode = 'handoff', others = [], silent = [], drift = 0.00003 } = setting;
  const clock = new SimulatedClock({ startAtMs: atMs });
  const candles = exampleCandles({ drift: () => drift });
  const last = candles.findLast((candle) => candle.timeframe === '5m')?.close ?? 0;
  const ticker: Ticker = {
    ...{ instrumentId: id, last, mark: last, bid: last - 1, ask: last + 1 },
    ...{ exchangeAtMs: atMs, receivedAtMs: atMs },
  };
  const view = new StaticMarketView({
    ...{ clock, candles, instruments: [exampleInstrument()], tickers: [ticker] },
    openInterest: exampleOpenInterest(id, atMs, 2),
    funding: exampleFunding(id, atMs, [0.00001, 0.00002]),
    releases: [exampleRelease('growth', 1, atMs)],
  });
  const asked = { clock, ...(model === undefined ? {} : { model }) };
  const agents: readonly SensingAgent[] = [
    new Vanta({ marketView: view, ...asked }),
    new Luma({ marketView: view, derivativesView: view, ...asked }),
    new Meridian({ marketView: view, macroView: view, ...asked }),
    ...others,
  ];
  const eventBus = exampleBus(clock);
  const publish = eventBus.publish.bind(eventBus);
  eventBus.publish = (event, ...rest) => {
    setting.onEvent?.(event);
    return publish(event, ...rest);
  };
  const journal = setting.journal ?? new MemoryDecisionJournal();
  const recorder = new DecisionRecorder({ journal, clock });
  const wallClock = new SimulatedClock();
  const services = [
    ...agents.map(
      (agent) =>
        new AgentService({
          ...{ agent, marketView: view, eventBus, clock },
          ...(silent.includes(agent.name) ? {} : { journal: recorder }),
        }),
    ),
    new WarRoomService({
      warRoom: new WarRoom({
        ...{ agents, marketView: view, mode, wallClock },
        riven: new Riven({ wallClock, ...(model === undefined ? {} : { model }) }),
      }),
      ...{ eventBus, marketView: view, clock, journal: recorder },
    }),
    new KodaService({
      koda: new Koda({ marketView: view, ...(model === undefined ? {} : { thinking: { model, clock: wallClock } }) }),
      users: new StaticUserDirectory({ users: [] }),
      ...{ eventBus, clock, journal: recorder },
    }),
  ];
  for (const service of services) await service.start();
  const closed = await publishClose(eventBus, closedCandle(id, '15m', atMs));
  for (const timeframe of ['5m', '1h', '4h'] as const)
    await eventBus.publish({
      ...{ type: 'candle.closed', key: `${id}:${timeframe}`, payload: closedCandle(id, timeframe, atMs) },
      ...causedBy(closed),
    });
  // Whoever has no opinion on this close is waited for.
  await clock.advanceBy(20_000);
  const signal = exampleSignal({ createdAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + 900_000 });
  await eventBus.publish({
    ...{ type: 'signal.issued', key: signal.userId, userId: signal.userId, payload: signal },
    ...causedBy(closed),
  });
  await clock.idle();
  await recorder.flush();
  for (const service of services) await service.stop();
  const [concluded] = await published(eventBus, 'round.concluded');
  return { traceId: closed.traceId, eventBus, journal, agents, concluded, recorder };
}
