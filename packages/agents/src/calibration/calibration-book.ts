import type {
  CalibrationView,
  Clock,
  OpinionScore,
  OpinionSource,
  Regime,
  ScoredWord,
  Timeframe,
  TrackRecord,
} from '@perpdesk/core';
import { DailyRecords } from './daily-records.ts';
import { type Reliability, reliabilityOf } from './reliability.ts';
import { agedTo, joined, noScores, type ScoreSums, withScore } from './score-sums.ts';
import { calibrationDefaults as defaults } from './settings.ts';

/** What a record is of: all that agree with what is named. */
export interface RecordQuery {
  readonly agent?: string;
  readonly word?: ScoredWord;
  readonly source?: OpinionSource;
  /** `unknown`: said when no regime was known. */
  readonly regime?: Regime | 'unknown';
  readonly timeframe?: Timeframe;
  readonly bars?: number;
}

/** One line of the book: scores that agree in all of these. */
export interface BookEntry extends Required<RecordQuery> {
  readonly sums: ScoreSums;
}

/** A record with what it is made of. */
export interface DetailedRecord extends TrackRecord {
  /** Views scored, however old; `scored` counts older ones less. */
  readonly count: number;
  /** Mean Brier scores, of the views and of the base rates they had to beat. */
  readonly brier: number;
  readonly baseBrier: number;
  readonly reliability: Reliability;
}

/** Options of {@link CalibrationBook}. */
export interface CalibrationBookOptions {
  readonly clock: Clock;
  /** The age at which a score counts half, ms. Default 30 days. */
  readonly halfLifeMs?: number;
}

/**
 * The track records of agents, as of the clock: a score is in it once its horizon has passed, not before, even where the book
 * was filled ahead. Give its `daily` records to the War Room as its `calibration`, and the book to the {@link CalibrationService} to be filled.
 *
 * @example
 * ```ts
 * const book = new CalibrationBook({ clock });
 * book.record('vanta'); // { scored: 412, skill: -0.08, hitRate: 0.37 }
 * book.detail({ agent: 'vanta', regime: 'trending', bars: 4 })?.reliability.points;
 * ```
 */
export class CalibrationBook implements CalibrationView {
  readonly #clock: Clock;
  readonly #halfLifeMs: number;
  readonly #entries = new Map<string, BookEntry>();
  readonly #byAgent = new Map<string, Set<string>>();
  /** The records that rounds weigh their agents by: those of the day's beginning. */
  readonly daily: DailyRecords;
  /** Scores of horizons that have not passed yet, the earliest last. */
  #ahead: OpinionScore[] = [];

  constructor(options: CalibrationBookOptions) {
    this.#clock = options.clock;
    this.#halfLifeMs = options.halfLifeMs ?? defaults.halfLifeMs;
    const agents = (): readonly string[] => [...this.#byAgent.keys()];
    this.daily = new DailyRecords({ clock: options.clock, agents, read: (agent) => this.record(agent) });
  }

  /**
   * The record as of now: of its published opinions four bars on. With `rules` also what its rules would
   * have said where a model spoke.
   */
  record(agent: string, source?: OpinionSource): TrackRecord | undefined {
    this.#catchUp();
    const sums = this.#sumsOf(
      ({ word, bars, ...entry }) =>
        bars === defaults.primaryBars &&
        (word === 'opinion' || (word === 'ruled' && source === 'rules')) &&
        (source === undefined || entry.source === source),
      agent,
    );
    return sums === undefined ? undefined : trackRecordOf(sums);
  }

  /** The record of whatever is asked for, with its reliability; undefined without a score. */
  detail(query: RecordQuery = {}): DetailedRecord | undefined {
    this.#catchUp();
    const sums = this.#sumsOf((entry) => matches(entry, query), query.agent);
    const reliability = sums && reliabilityOf(sums.bins);
    if (sums === undefined || reliability === undefined) return undefined;
    const { count, weight, brier, baseBrier } = sums;
    return { ...trackRecordOf(sums), count, brier: brier / weight, baseBrier: baseBrier / weight, reliability };
  }

  /** Every line, in the order in which each was begun. */
  entries(): readonly BookEntry[] {
    this.#catchUp();
    return [...this.#entries.values()];
  }

  /** Takes in a score whose horizon was seen to pass. Tells the line it went into. */
  take(score: OpinionScore): BookEntry {
    this.#catchUp();
    return this.#add(score);
  }

  /** Takes in scores from a record of the past: each counts from when the clock has passed its horizon. */
  fill(scores: readonly OpinionScore[]): void {
    this.#ahead = [...this.#ahead, ...scores].sort((a, b) => b.dueAtMs - a.dueAtMs || (a.id < b.id ? 1 : -1));
  }

  /** Begins anew with these lines. */
  restore(entries: readonly BookEntry[]): void {
    this.#entries.clear();
    this.#byAgent.clear();
    this.#ahead = [];
    for (const entry of entries) this.#set(entryKey(entry), entry);
    this.daily.reset();
  }

  #catchUp(): void {
    if (this.#ahead.length === 0) return;
    const nowMs = this.#clock.nowMs();
    for (let next = this.#ahead.at(-1); next !== undefined && next.dueAtMs <= nowMs; next = this.#ahead.at(-1)) {
      this.#ahead.pop();
      this.#add(next);
    }
  }

  #add(score: OpinionScore): BookEntry {
    this.daily.expect(score.dueAtMs);
    const { agent, word, source, regime, timeframe, bars } = score;
    const line: Required<RecordQuery> = { agent, word, source, regime: regime ?? 'unknown', timeframe, bars };
    const key = entryKey(line);
    const sums = this.#entries.get(key)?.sums ?? noScores();
    const entry = { ...line, sums: withScore(sums, score, this.#halfLifeMs) };
    this.#set(key, entry);
    return entry;
  }

  #set(key: string, entry: BookEntry): void {
    this.#entries.set(key, entry);
    const keys = this.#byAgent.get(entry.agent);
    if (keys === undefined) this.#byAgent.set(entry.agent, new Set([key]));
    else keys.add(key);
  }

  #sumsOf(isWanted: (entry: BookEntry) => boolean, agent: string | undefined): ScoreSums | undefined {
    const nowMs = this.#clock.nowMs();
    const keys = agent === undefined ? this.#entries.keys() : (this.#byAgent.get(agent) ?? []);
    let total: ScoreSums | undefined;
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry === undefined || !isWanted(entry)) continue;
      const sums = agedTo(entry.sums, nowMs, this.#halfLifeMs);
      total = total === undefined ? sums : joined(total, sums);
    }
    return total;
  }
}

/** What a line is known by. */
export const entryKey = ({ agent, word, source, regime, timeframe, bars }: Required<RecordQuery>): string =>
  `${agent}|${word}|${source}|${regime}|${timeframe}|${bars}`;

const matches = (entry: BookEntry, query: RecordQuery): boolean =>
  (['agent', 'word', 'source', 'regime', 'timeframe', 'bars'] as const).every(
    (name) => query[name] === undefined || query[name] === entry[name],
  );

/** Skill: 1 − mean score over that of the base rates known before (Murphy 1988); 0 where those made no error. */
function trackRecordOf({ weight, hits, brier, baseBrier }: ScoreSums): TrackRecord {
  return {
    scored: Math.round(weight),
    skill: baseBrier > 0 ? 1 - brier / baseBrier : 0,
    hitRate: weight > 0 ? hits / weight : 0,
  };
}
