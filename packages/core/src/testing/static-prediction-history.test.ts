import { describe, it } from 'vitest';
import { predictionHistoryContract } from './prediction-history-contract.ts';
import { StaticPredictionHistory } from './static-prediction-history.ts';

describe('StaticPredictionHistory', () => {
  for (const { name, run } of predictionHistoryContract)
    it(name, () =>
      run(async (clock, quotes) => ({
        history: new StaticPredictionHistory({ clock, quotes }),
        close: async () => {},
      })),
    );
});
