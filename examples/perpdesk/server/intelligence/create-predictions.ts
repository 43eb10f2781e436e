import { Plop, PlopCalibration, PlopScorer, PlopService, SqlPlopStore } from '@perpdesk/agents';
import type { Clock, EventBus, LanguageModel, Logger, PredictionSource, Service } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { DiscoveryScan, PredictionWatch, SqlPredictionHistory, type SqlTimeSeriesStore } from '@perpdesk/data';

/** What the track of prediction markets is made with. */
export interface PredictionSetting {
  /** None: there is no such track. Closed by whoever made them. */
  readonly sources: readonly PredictionSource[];
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly eventBus: EventBus;
  readonly store: SqlTimeSeriesStore;
  readonly databases: { readonly desk: Database; readonly market: Database };
  readonly model?: LanguageModel;
  readonly logger: Logger;
}

/** What looks for contracts worth a look, keeps what their quotes do and how they ended, and has Plop assess them. */
export function createPredictions(setting: PredictionSetting): {
  readonly services: readonly Service[];
  readonly plop?: PlopService;
} {
  const { sources, clock, wallClock, eventBus, store, databases, model, logger } = setting;
  if (sources.length === 0) return { services: [] };
  const history = new SqlPredictionHistory({ clock, database: databases.market, store });
  const kept = new SqlPlopStore({ database: databases.desk });
  const calibration = new PlopCalibration({ store: kept, history });
  const plop = new Plop({
    ...{ sources, clock, history, calibration, modelClock: wallClock, logger },
    ...(model === undefined ? {} : { model }),
  });
  const watch = new PredictionWatch({ clock, store, history, sources, mostWatched: 60, logger });
  const service = new PlopService({ plop, sources, eventBus, clock, logger });
  return {
    plop: service,
    services: [
      // Its tables, before anybody reads or writes them.
      {
        name: 'prediction-history',
        start: () => history.start(),
        stop: async () => {},
        health: () => ({ status: 'healthy' }),
      },
      watch,
      new DiscoveryScan({ clock, logger, sources, mostFound: 20, found: (contract) => watch.watch(contract) }),
      new PlopScorer({ store: kept, calibration, sources, eventBus, clock, history, logger }),
      service,
    ],
  };
}
