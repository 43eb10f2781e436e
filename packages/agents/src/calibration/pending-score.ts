import {
  barOpenMs,
  type Direction,
  directionSchema,
  instrumentIdSchema,
  marketIdSchema,
  type Opinion,
  opinionSourceSchema,
  type Regime,
  type Round,
  regimeSchema,
  scoredWordSchema,
  type Timeframe,
  type Turn,
  timeframeMs,
  timeframeSchema,
} from '@perpdesk/core';
import * as z from 'zod';
import { calibrationDefaults as defaults } from './settings.ts';

/** A view that waits for its horizon to pass, with all that is needed to score it then. */
export const pendingScoreSchema = z.object({
  id: z.string(),
  word: scoredWordSchema,
  subjectId: z.string(),
  agent: z.string(),
  market: marketIdSchema,
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  bars: z.int().positive(),
  source: opinionSourceSchema,
  regime: regimeSchema.exactOptional(),
  direction: directionSchema,
  confidence: z.number().min(0).max(1),
  atMs: z.int(),
  dueAtMs: z.int(),
  /** The bars whose closes it goes by. */
  series: timeframeSchema,
  /** The close it starts from: its own instant, or the first after it. */
  entryAtMs: z.int(),
  /** What happened before, at the time it was said. */
  baseRates: z.object({ up: z.number(), flat: z.number(), down: z.number() }),
  /** Undefined: the bars before it were too few to say. */
  band: z.number().positive().exactOptional(),
  /** Undefined: not yet closed when it was said. */
  entryPrice: z.number().positive().exactOptional(),
  traceId: z.string(),
  /** The event that told the view. */
  causationId: z.string(),
});
export type PendingScore = z.infer<typeof pendingScoreSchema>;

/** A view to score, at one horizon, before anything is read of the market. */
export type View = Omit<PendingScore, 'baseRates' | 'band' | 'entryPrice' | 'traceId' | 'causationId'>;

interface Said {
  readonly word: View['word'];
  readonly subjectId: string;
  readonly agent: string;
  readonly market: View['market'];
  readonly instrumentId: View['instrumentId'];
  readonly timeframe: Timeframe;
  readonly source: View['source'];
  readonly direction: Direction;
  readonly confidence: number;
  readonly atMs: number;
}

/** What is scored of an opinion: itself, and beside a model's what the rules would have said; each at every horizon. */
export function viewsOfOpinion(opinion: Opinion, regime: Regime | undefined): readonly View[] {
  const { id, agent, market, instrumentId, timeframe, source, direction, confidence, atMs, ruled } = opinion;
  const shared = { agent, market, instrumentId, timeframe, atMs };
  const own: Said = { ...shared, word: 'opinion', subjectId: id, source, direction, confidence };
  const said: readonly Said[] =
    source !== 'model' || ruled === undefined
      ? [own]
      : [
          own,
          {
            ...shared,
            word: 'ruled',
            subjectId: `${id}:ruled`,
            source: 'rules',
            direction: ruled.direction,
            confidence: ruled.confidence,
          },
        ];
  return said.flatMap((view) => atHorizons(view, regime));
}

/** What is scored of an agent's last turn in a round: it looks ahead in bars of the round. */
export function viewsOfTurn(round: Round, turn: Turn, regime: Regime | undefined): readonly View[] {
  const { agent, source, direction, confidence } = turn;
  const { market, instrumentId, timeframe, closeAtMs } = round;
  const subjectId = `turn:${round.key}:${agent}`;
  return atHorizons(
    {
      word: 'final-turn',
      subjectId,
      agent,
      market,
      instrumentId,
      timeframe,
      source,
      direction,
      confidence,
      atMs: closeAtMs,
    },
    regime,
  );
}

function atHorizons(said: Said, regime: Regime | undefined): readonly View[] {
  const { timeframe, atMs } = said;
  const { fineTimeframe } = defaults;
  const isFine = timeframeMs(timeframe) <= timeframeMs(fineTimeframe);
  const series = isFine || barOpenMs(timeframe, atMs) === atMs ? timeframe : fineTimeframe;
  // What is said between closes (on a release) starts from the next one: the last would let it know what it was told.
  const before = barOpenMs(series, atMs);
  const entryAtMs = before === atMs ? atMs : before + timeframeMs(series);
  return defaults.horizons.map((bars) => ({
    ...said,
    id: `score:${said.subjectId}:${bars}`,
    bars,
    ...(regime === undefined ? {} : { regime }),
    dueAtMs: entryAtMs + bars * timeframeMs(timeframe),
    series,
    entryAtMs,
  }));
}

/** What base rates are counted by: those of the same agent, word, timeframe and horizon. What stands beside an opinion is held against the same. */
export const baseRateKey = ({
  agent,
  word,
  timeframe,
  bars,
}: Pick<View, 'agent' | 'word' | 'timeframe' | 'bars'>): string =>
  `${agent}|${word === 'ruled' ? 'opinion' : word}|${timeframe}|${bars}`;
