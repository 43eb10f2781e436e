import { parseArgs } from 'node:util';
import { PerpDeskError } from '@perpdesk/core';
import { chooseModel } from '../language-model.ts';
import { studyDesk } from './study-desk.ts';

const help = `Backtests the desk on answers of models.

  --recording <folder>           recorded candles, as --replay of the product takes
  --models replay|cache|paid     answers that a desk recorded, that earlier studies paid for, or the model's
  --answers <file>               the SQLite file they are in; for replay a desk.db
  --cap <dollars>                the most that a paid run may cost
  --from, --to <instant>         the window, ISO 8601

The model is the first of OPENAI_MODEL, with OPENAI_PRICES and OPENAI_KNOWLEDGE_CUTOFF.`;

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      recording: text,
      models: text,
      answers: text,
      cap: text,
      from: text,
      to: text,
      help: { type: 'boolean' },
    },
  });
  const { recording, models, answers } = values;
  if (values.help === true || recording === undefined || answers === undefined || !isKind(models)) {
    process.stdout.write(`${help}\n`);
    if (values.help !== true) process.exitCode = 2;
    return;
  }
  const [model] = chooseModel(process.env).models ?? [];
  const { backtest, outcome } = await studyDesk({
    ...{ recording, models, answersFile: answers },
    print: (line) => process.stdout.write(`${line}\n`),
    ...(model === undefined ? {} : { model }),
    ...(values.cap === undefined ? {} : { capUsd: Number(values.cap) }),
    ...(values.from === undefined ? {} : { fromMs: Date.parse(values.from) }),
    ...(values.to === undefined ? {} : { toMs: Date.parse(values.to) }),
  });
  process.stdout.write(
    `Equity ${backtest.equityStart} → ${backtest.equityEnd}, ${backtest.recommendations.length} plans, ${backtest.trades.length} trades; digest ${backtest.digest}\n`,
  );
  if (outcome.outcome === 'capped') process.exitCode = 3;
}

const isKind = (text: string | undefined): text is 'replay' | 'cache' | 'paid' =>
  text === 'replay' || text === 'cache' || text === 'paid';

try {
  await main();
} catch (error) {
  if (!PerpDeskError.is(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
