import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelRequest,
  SeededRandom,
} from '@perpdesk/core';
import type { ProcessClock } from '../simulation/simulated-time.ts';
import type { HostileAnswer } from './hostile-play.ts';
import { noAnswers } from './no-answers.ts';
import { entryPlays, planPlays } from './plan-plays.ts';
import { sensingPlays } from './sensing-plays.ts';

/** How an answer comes, or does not. */
export const manners = [
  'at once',
  'in a while',
  'too late',
  'never',
  'an error of ours',
  'an error of somebody else',
  'no error thrown',
  'thrown before it promises',
  'no promise',
  'a promise of its own',
  'an answer without a value',
  'a flood of pieces',
  'an answer said to be kept, with a count that is none',
] as const;
export type Manner = (typeof manners)[number];

/** Manners in which no value that could be used arrives. */
const failing: ReadonlySet<Manner> = new Set<Manner>([
  'too late',
  'never',
  'an error of ours',
  'an error of somebody else',
  'no error thrown',
  'thrown before it promises',
  'no promise',
  'an answer without a value',
]);

/** A question that was asked and what was done to whoever asked. */
export interface HostileCall {
  readonly agent: string;
  readonly atMs: number;
  readonly roundKey: string | undefined;
  readonly userId: string | undefined;
  readonly play: string;
  readonly manner: Manner;
  /** True when rules have to answer in its place, and that has to be told. */
  readonly mustFail: boolean;
  readonly prompt: string;
}

/** How hostile: the share of answers within the schema, and of those that come at once. */
export interface Temper {
  readonly within: number;
  readonly atOnce: number;
}

/** A language model that does to each question, by its seed, what harms most. It keeps to nothing: no schema, no time, no type. */
export class HostileModel implements LanguageModel {
  readonly name = 'hostile';
  readonly calls: HostileCall[] = [];
  readonly #random: SeededRandom;
  readonly #clock: ProcessClock;
  readonly #temper: Temper;

  constructor(options: { readonly seed: string; readonly clock: ProcessClock; readonly temper: Temper }) {
    this.#random = new SeededRandom(options.seed);
    this.#clock = options.clock;
    this.#temper = options.temper;
  }

  generate(request: ModelRequest<never>, options: ModelCallOptions = {}): Promise<ModelAnswer<never>> {
    const random = this.#random;
    const agent = request.purpose.split('/')[0] ?? '';
    const play = this.#draw(agent);
    const manner = this.#manner();
    const { prompt, context } = request;
    const mustFail = !play.within || failing.has(manner);
    const { roundKey, userId } = context ?? {};
    this.calls.push({ agent, atMs: this.#clock.nowMs(), roundKey, userId, play: play.name, manner, mustFail, prompt });
    const answer = () => ({
      ...{ value: play.value({ agent, prompt, random }), model: 'hostile', attempts: 1 },
      usage: { inputTokens: 100, outputTokens: 20 },
    });
    return this.#deliver(manner, answer, options) as Promise<ModelAnswer<never>>;
  }

  #draw(agent: string): HostileAnswer {
    const plays = agent === 'riven' ? planPlays : agent === 'koda' ? entryPlays : sensingPlays;
    const isWithin = this.#random.next() < this.#temper.within;
    const open = isWithin
      ? plays.filter(({ within }) => within)
      : [...plays, ...noAnswers].filter((play) => !play.within);
    const drawn = open[Math.floor(this.#random.next() * open.length)];
    if (drawn === undefined) throw new Error(`There is nothing to answer ${agent} with.`);
    return drawn;
  }

  #manner(): Manner {
    if (this.#random.next() < this.#temper.atOnce) return 'at once';
    return manners[1 + Math.floor(this.#random.next() * (manners.length - 1))] ?? 'never';
  }

  /** Anything but what the port promises. */
  #deliver(manner: Manner, answer: () => object, { onText }: ModelCallOptions): unknown {
    const after = (ms: number): Promise<object> => this.#clock.travel(ms).then(answer);
    switch (manner) {
      case 'at once':
        return Promise.resolve().then(answer);
      case 'in a while':
        return after(50 + this.#random.next() * 2_000);
      case 'too late':
        return after(15_000 + this.#random.next() * 60_000);
      case 'never':
        // Time passes although nothing comes.
        void this.#clock.travel(40_000);
        return new Promise(() => {});
      case 'an error of ours':
        return Promise.reject(new ModelError('model.refused', 'No.'));
      case 'an error of somebody else':
        return Promise.reject(new Error('socket hang up'));
      case 'no error thrown':
        return Promise.reject(undefined);
      case 'thrown before it promises':
        throw new TypeError('Not even a promise.');
      case 'no promise':
        return undefined;
      case 'a promise of its own':
        // biome-ignore lint/suspicious/noThenProperty: that is what is hostile about it
        return { then: (resolve: (value: object) => void) => resolve(answer()) };
      case 'an answer without a value':
        return Promise.resolve({ model: 'hostile' });
      case 'a flood of pieces':
        for (let piece = 0; piece < 2_000; piece += 1) onText?.('{"reasoning":"buy buy buy ');
        return Promise.resolve().then(answer);
      case 'an answer said to be kept, with a count that is none':
        return Promise.resolve().then(() => ({
          ...answer(),
          ...{ kept: true, costUsd: Number.NaN, usage: { inputTokens: Number.NaN, outputTokens: -1 }, attempts: 99 },
        }));
    }
  }
}
