import { canonicalJson, type DecisionInputs } from '@perpdesk/core';
import { type Difference, differencesBetween } from './difference.ts';

/** A difference between what was published and what the journal gives now. */
export interface ReplayDifference extends Difference {
  /** The id of the event. */
  readonly step: string;
}

/** What could not be replayed, and why. */
export interface MissingStep {
  readonly step: string;
  readonly reason: string;
}

/** What works otherwise than it did when the decision was made. */
export interface ChangedVersion {
  readonly step: string;
  /** `rules`: they make something else of the same reading. */
  readonly what: 'prompt' | 'rules';
  readonly was: string;
  readonly now: string;
}

/** What is found out while one step is replayed. */
export class StepFindings {
  readonly step: string;
  readonly missing: MissingStep[] = [];
  readonly versions: ChangedVersion[] = [];

  constructor(step: string) {
    this.step = step;
  }

  miss(reason: string): void {
    if (!this.missing.some((known) => known.reason === reason)) this.missing.push({ step: this.step, reason });
  }

  /** Notes what changed between how a step was made and how it is made now. */
  compare(was: DecisionInputs, now: DecisionInputs): void {
    const { promptVersion: before = 0, promptHash: hashBefore = '' } = was.method;
    const { promptVersion: after = 0, promptHash: hashAfter = '' } = now.method;
    if (before !== after || hashBefore !== hashAfter)
      this.#change('prompt', `${before} (${hashBefore.slice(0, 8)})`, `${after} (${hashAfter.slice(0, 8)})`);
    if (canonicalJson(was.rules ?? null) !== canonicalJson(now.rules ?? null)) {
      const [first] = differencesBetween(was.rules, now.rules);
      const show = (value: unknown): string => `${first?.path}: ${JSON.stringify(value) ?? 'absent'}`.slice(0, 200);
      this.#change('rules', show(first?.was), show(first?.now));
    }
  }

  #change(what: ChangedVersion['what'], was: string, now: string): void {
    this.versions.push({ step: this.step, what, was, now });
  }
}

/** A step that was replayed: what came of it, undefined where nothing could. */
export interface ReplayedStep<Result> {
  readonly result: Result | undefined;
  readonly findings: StepFindings;
}

/**
 * Replays a step on each of its records and takes the first that gives what was published, else the last: a step that was tried again has
 * more than one.
 */
export async function replayStep<Result>(
  step: string,
  records: readonly DecisionInputs[],
  isAsPublished: (result: Result | undefined) => boolean,
  replay: (inputs: DecisionInputs, findings: StepFindings) => Promise<Result | undefined>,
): Promise<ReplayedStep<Result>> {
  let last: ReplayedStep<Result> | undefined;
  for (const inputs of records) {
    const findings = new StepFindings(step);
    try {
      last = { result: await replay(inputs, findings), findings };
    } catch (error) {
      findings.miss(`It can not be replayed: ${error instanceof Error ? error.message : String(error)}`);
      last = { result: undefined, findings };
    }
    if (last.findings.missing.length === 0 && isAsPublished(last.result)) return last;
  }
  if (last !== undefined) return last;
  const findings = new StepFindings(step);
  findings.miss('The journal does not hold what it was made of.');
  return { result: undefined, findings };
}
