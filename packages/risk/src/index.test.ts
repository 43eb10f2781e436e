import { expect, it } from 'vitest';
import * as risk from './index.ts';

it('default: the public surface', () => {
  expect(Object.keys(risk).sort()).toMatchInlineSnapshot(`
    [
      "Brix",
      "BrixService",
      "DurableTradingSwitch",
      "MemoryRiskStateStore",
      "MemoryTradingSwitch",
      "SqlRiskStateStore",
      "confidenceFactor",
      "dailyResult",
      "decisionId",
      "entryControls",
      "evaluate",
      "exitControls",
      "judge",
      "limitChange",
      "limitUsages",
      "limitsFor",
      "liquidationDistance",
      "liquidationToStop",
      "lossAtStop",
      "maximumBasis",
      "minimumConfidence",
      "operatorStateId",
      "orderLimitDefaults",
      "orderReservation",
      "overLimit",
      "parseIntent",
      "raisedLimitDelayMs",
      "scalingFactor",
      "signalId",
      "sizePlan",
      "smallestSize",
      "tierDefaults",
      "venueBook",
      "warningLevels",
    ]
  `);
});
