import { createHash } from 'node:crypto';
import { CampaignWorld, trader } from './campaign-world.ts';
import { CaseRun } from './case-run.ts';
import { checkExposure, type Judgement } from './check-exposure.ts';
import type { DuplicateCase } from './duplicate-case.ts';

/** What a run came to. JSON-safe. */
export interface DuplicateRun extends Judgement {
  readonly seed: string;
  readonly cell: string;
  readonly verb: string;
  readonly fault: string;
  /** The faults that struck, by kind and wire name. */
  readonly struck: readonly string[];
  readonly restarts: number;
  readonly placed: number;
  readonly tookMs: number;
  /** Of the ledger and the history: the same seed, the same digest. */
  readonly digest: string;
}

/** Runs a case and has it judged. */
export async function runDuplicateCase(
  spec: DuplicateCase,
  time: 'simulated' | 'real' = 'simulated',
): Promise<DuplicateRun> {
  const world = await CampaignWorld.open(spec, time);
  try {
    const beganMs = world.clock.nowMs();
    const run = new CaseRun(world, spec);
    const events = await world.until(run.run());
    const ledger = JSON.stringify(world.exchange.engine.ledger());
    const history = JSON.stringify(events);
    const judgement = checkExposure(JSON.parse(ledger), JSON.parse(history), { account: trader, limitMs: 15_000 });
    return {
      ...judgement,
      ...{ seed: spec.seed, cell: `${spec.mode} ${spec.fault} ${spec.verb}`, verb: spec.verb, fault: spec.fault },
      struck: world.exchange.faults.struck.map(({ kind, verb }) => `${kind} ${verb}`),
      restarts: events.filter(({ type }) => type === 'restart').length,
      placed: world.exchange.engine
        .ledger()
        .filter(({ kind, detail }) => kind === 'place' && detail.error === undefined).length,
      tookMs: world.clock.nowMs() - beganMs,
      digest: createHash('sha256').update(ledger).update(history).digest('hex').slice(0, 16),
    };
  } finally {
    await world.close();
  }
}
