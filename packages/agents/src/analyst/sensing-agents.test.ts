import { type SensingAgentHarness, sensingAgentContract } from '@perpdesk/core/testing';
import { describe, it } from 'vitest';
import { Luma } from '../luma/agent.ts';
import { Meridian } from '../meridian/agent.ts';
import { ScriptedModel } from '../model/scripted-model.ts';
import { type ExampleMarket, exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { Vanta } from '../vanta/agent.ts';

const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles({ drift: () => 0.000_005 });

const agents = {
  Vanta: ({ view, clock }: ExampleMarket) => new Vanta({ marketView: view, clock }),
  Luma: ({ view, clock }: ExampleMarket) => new Luma({ marketView: view, derivativesView: view, clock }),
  Meridian: ({ view, clock }: ExampleMarket) => new Meridian({ marketView: view, macroView: view, clock }),
  'Vanta with a model': ({ view, clock }: ExampleMarket) =>
    new Vanta({ marketView: view, clock, model: new ScriptedModel({ answer: ({ prompt }) => answerTo(prompt, 20) }) }),
};

describe.each(Object.entries(agents))('%s keeps to the contract', (_, make) => {
  const harness = (): SensingAgentHarness => {
    const market = exampleMarket(atMs, { candles });
    return { agent: make(market), request: market.request, withoutData: make(exampleMarket(atMs)) };
  };
  for (const contractCase of sensingAgentContract) it(contractCase.name, () => contractCase.run(harness));
});
