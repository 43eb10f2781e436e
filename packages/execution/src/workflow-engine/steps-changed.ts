import { RunInterruption } from './run-interruption.ts';

interface Call {
  readonly kind: string;
  readonly name: string;
}

/** Why a run fails whose function does not call what its journal has: the call that was kept, and the one made now (none: it has ended). */
export function stepsChanged(
  workflow: { readonly name: string; readonly version: number },
  position: number,
  kept: Call,
  made?: Call,
): RunInterruption {
  const difference =
    made === undefined
      ? `The workflow ends where its journal goes on with ${kept.kind} "${kept.name}".`
      : `Call ${position} was ${kept.kind} "${kept.name}" and is ${made.kind} "${made.name}" now.`;
  return new RunInterruption(
    'failed',
    `The steps of workflow "${workflow.name}" version ${workflow.version} are not those of its journal: ${difference}`,
    { code: 'workflow.steps-changed' },
  );
}
