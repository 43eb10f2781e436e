import { ValidationError } from '@perpdesk/core';

/** Options of {@link walkForwardSplits}, in bars. */
export interface WalkForwardOptions {
  /** How many bars there are. */
  readonly bars: number;
  readonly trainBars: number;
  readonly testBars: number;
  /** Default `testBars`: the tests follow one another and never overlap. */
  readonly stepBars?: number;
  /** Every training begins at the first bar and grows, in place of one that rolls along. Default false. */
  readonly anchored?: boolean;
  /** Bars left out between a training and its test, so that nothing held at its end reaches into the test. Default 0. */
  readonly embargoBars?: number;
}

/** Bars by index, the end not included. */
export interface BarSpan {
  readonly from: number;
  readonly to: number;
}

/** Where a strategy is chosen, and where it is then judged on bars that the choice knew nothing of. */
export interface WalkForwardSplit {
  readonly train: BarSpan;
  readonly test: BarSpan;
}

/**
 * Splits bars into trainings, each followed by its test (R. Pardo, "Design, Testing, and Optimization of Trading Systems",
 * 1992). The last test may be shorter; there are no splits where not even one training and a bar to test fit.
 * @throws ValidationError `walk-forward.invalid`
 * @example
 * walkForwardSplits({ bars: 10, trainBars: 4, testBars: 3 });
 * // [{ train: { from: 0, to: 4 }, test: { from: 4, to: 7 } }, { train: { from: 3, to: 7 }, test: { from: 7, to: 10 } }]
 */
export function walkForwardSplits(options: WalkForwardOptions): WalkForwardSplit[] {
  const { bars, trainBars, testBars, stepBars = testBars, anchored = false, embargoBars = 0 } = options;
  for (const [name, value, least] of [
    ['bars', bars, 0],
    ['trainBars', trainBars, 1],
    ['testBars', testBars, 1],
    ['stepBars', stepBars, 1],
    ['embargoBars', embargoBars, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new ValidationError('walk-forward.invalid', `${name} can not be ${value}.`);
  }
  const splits: WalkForwardSplit[] = [];
  for (let from = 0; from + trainBars + embargoBars < bars; from += stepBars) {
    const begin = from + trainBars + embargoBars;
    splits.push({
      train: { from: anchored ? 0 : from, to: from + trainBars },
      test: { from: begin, to: Math.min(begin + testBars, bars) },
    });
  }
  return splits;
}

/** What was chosen in a training and how it then did. */
export interface WalkForwardFold<Parameters, Result> extends WalkForwardSplit {
  readonly parameters: Parameters;
  /** The score it was chosen for. */
  readonly trainScore: number;
  readonly test: BarSpan;
  readonly result: Result;
}

/**
 * Chooses the candidate with the highest score in each training, the first of equals, and runs it on the test. A score that
 * is NaN never wins; a fold in which none wins is left out.
 * @example
 * walkForward({ splits, candidates, score: (parameters, train) => sharpe(parameters, train), run });
 */
export function walkForward<Parameters, Result>(options: {
  readonly splits: readonly WalkForwardSplit[];
  readonly candidates: readonly Parameters[];
  readonly score: (parameters: Parameters, train: BarSpan) => number;
  readonly run: (parameters: Parameters, test: BarSpan) => Result;
}): WalkForwardFold<Parameters, Result>[] {
  const { splits, candidates, score, run } = options;
  return splits.flatMap(({ train, test }) => {
    let best: { readonly parameters: Parameters; readonly trainScore: number } | undefined;
    for (const parameters of candidates) {
      const trainScore = score(parameters, train);
      if (trainScore > (best?.trainScore ?? Number.NEGATIVE_INFINITY)) best = { parameters, trainScore };
    }
    return best === undefined ? [] : [{ train, test, ...best, result: run(best.parameters, test) }];
  });
}
