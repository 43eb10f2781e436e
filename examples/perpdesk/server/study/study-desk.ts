import {
  type CostEstimate,
  type CutoffComparison,
  compareCutoff,
  estimateStudyCost,
  SqlAnswerStore,
  SqlModelJournal,
  StudyModel,
  type StudyModelOptions,
  type StudyOutcome,
} from '@perpdesk/agents';
import { ConfigError, type LanguageModel, type Logger, SystemClock, silentLogger } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { type DeskBacktest, runBacktest } from '@perpdesk/execution/backtest';
import { backtestDesk, type DeskBacktestSetting } from '../backtest-desk.ts';

/** A backtest of the desk with models. */
export interface DeskStudySetting extends Pick<DeskBacktestSetting, 'recording' | 'source' | 'mode'> {
  /** Where answers come from; `paid` asks the model, up to the cap. */
  readonly models: 'replay' | 'cache' | 'paid';
  /** A SQLite file: of a desk that asked models (`desk.db`), for `replay`; of answers that earlier studies paid for, for the others. */
  readonly answersFile: string;
  /** The model that is asked, or whose answers are kept. For `replay` only its cutoff matters. */
  readonly model?: LanguageModel;
  /** The most a paid run may cost, dollars. */
  readonly capUsd?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Told each finding as it is made, a line each: the estimate before anything is paid. */
  readonly print: (line: string) => void;
  readonly logger?: Logger;
}

/** What came of a study. */
export interface DeskStudy {
  /** Of the whole window, or of what was played until the cap. */
  readonly backtest: DeskBacktest;
  readonly outcome: StudyOutcome;
  readonly cutoff: CutoffComparison;
  /** What a paid run was estimated to cost before it began. */
  readonly estimate?: CostEstimate;
}

/**
 * Backtests the desk on answers of models. Before a paid run the window is played by rules once, to count its questions; the run itself ends at
 * the cap, with what was played and every answer kept, and a later run goes on from there for free.
 * @throws ConfigError `study.model`, `study.cap`, `model.no-prices`
 */
export async function studyDesk(setting: DeskStudySetting): Promise<DeskStudy> {
  const { models, model, capUsd, print, fromMs, toMs, logger = silentLogger } = setting;
  const window = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }), logger };
  if (models !== 'replay' && model === undefined)
    throw new ConfigError('study.model', `--models ${models} needs a model: set OPENAI_API_KEY and OPENAI_MODEL.`);
  if (models === 'paid' && capUsd === undefined)
    throw new ConfigError('study.cap', '--models paid needs --cap, the most it may cost in dollars.');
  const database = await openDatabase({ url: `sqlite:${setting.answersFile}`, durability: 'normal', logger });
  try {
    const run = async (make: (end: () => void) => StudyModel) => {
      let study: StudyModel | undefined;
      const createServices = backtestDesk({ ...setting, models: (end) => (study = make(end)) });
      const backtest = await runBacktest({ createServices, ...window });
      if (study === undefined) throw new ConfigError('study.model', 'The desk was given no model.');
      return { backtest, outcome: study.outcome(), about: study };
    };
    const estimate = models === 'paid' && model !== undefined ? await estimated(run, model, print) : undefined;
    const options = await sourceOf(setting, database);
    const { backtest, outcome, about } = await run((end) => new StudyModel(options(end)));
    const cutoff = compareCutoff(model ?? { name: about.name }, backtest);
    print(cutoff.text);
    print(outcomeText(outcome));
    return { backtest, outcome, cutoff, ...(estimate === undefined ? {} : { estimate }) };
  } finally {
    await database.close();
  }
}

async function sourceOf(
  { models, model, capUsd = 0 }: DeskStudySetting,
  database: Awaited<ReturnType<typeof openDatabase>>,
): Promise<(end: () => void) => StudyModelOptions> {
  const clock = new SystemClock();
  if (models === 'replay' || model === undefined) {
    const journal = new SqlModelJournal({ database });
    await journal.open();
    return () => ({ mode: 'replay', journal, clock, ...(model === undefined ? {} : { model }) });
  }
  const answers = new SqlAnswerStore({ database });
  await answers.open();
  return models === 'cache'
    ? () => ({ mode: 'cache', answers, model, clock })
    : (onCapped) => ({ mode: 'paid', answers, model, clock, capUsd, onCapped });
}

async function estimated(
  run: (make: () => StudyModel) => Promise<{ readonly backtest: DeskBacktest; readonly outcome: StudyOutcome }>,
  model: LanguageModel,
  print: (line: string) => void,
): Promise<CostEstimate> {
  const { backtest, outcome } = await run(() => new StudyModel({ mode: 'measure', model, clock: new SystemClock() }));
  const rounds = backtest.counts['round.concluded'] ?? 0;
  const estimate = estimateStudyCost(model, { counts: outcome, rounds }, rounds);
  print(
    `Estimate: ${estimate.questions} questions in ${rounds} rounds, ${estimate.inputTokens} tokens in and up to ${estimate.outputTokens} out, up to $${estimate.usd.toFixed(2)}; with every answer repaired $${estimate.mostUsd.toFixed(2)}.`,
  );
  return estimate;
}

function outcomeText(outcome: StudyOutcome): string {
  const missing = Object.entries(outcome.unanswered).map(([code, times]) => `${times} × ${code}`);
  const counts = `${outcome.questions} questions: ${outcome.asked} asked for $${outcome.usd.toFixed(4)}, ${outcome.kept} from what was kept${
    missing.length === 0 ? '' : `, left to the rules: ${missing.join(', ')}`
  }.`;
  return outcome.outcome === 'capped'
    ? `CAPPED at $${outcome.capUsd}: the run ended early, and its answers are kept. ${counts}`
    : counts;
}
