import { type Instrument, SimulatedClock } from '@perpdesk/core';
import { IndicatorPipeline } from '../../pipeline/indicator-pipeline.ts';
import { MarketState } from '../../state/market-state.ts';
import { MarketDataService, type MarketDataServiceOptions } from '../market-data-service.ts';
import { RecordingEventBus, RecordingMarketBus, type Told } from './recording-buses.ts';

/** A service on recording buses, with all it stands on. */
export function serviceHarness(options: {
  readonly startAtMs: number;
  readonly instruments: readonly Instrument[];
  readonly service?: Partial<MarketDataServiceOptions>;
}) {
  const clock = new SimulatedClock({ startAtMs: options.startAtMs });
  const told: Told[] = [];
  const marketBus = new RecordingMarketBus({ clock, told });
  const eventBus = new RecordingEventBus({ clock, told });
  const state = new MarketState({ clock });
  const pipeline = new IndicatorPipeline();
  const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline, ...options.service });
  service.list(options.instruments);
  /** Moves the clock to a step and takes it. */
  const play = async (step: Parameters<MarketDataService['ingest']>[0]): Promise<void> => {
    await clock.advanceTo(step.atMs);
    await service.ingest(step);
  };
  const durable = (): readonly string[] =>
    told.flatMap(({ bus, id }) => (bus === 'event' && id !== undefined ? [id] : []));
  return { clock, told, marketBus, eventBus, state, pipeline, service, play, durable };
}
