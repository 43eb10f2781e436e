// Plop's pooled probability against the market's own: calibrated and miscalibrated made-up markets with sources that help, err and
// lie, contract after contract, each judged by what was learnt of those before. Ends with 1 when in one of them the mean over all
// seeds is worse than the market by more than 0.005 Brier. Usage: pnpm campaign plop, with CONTRACTS, SEEDS and SEED from the environment.
import { poolWorlds } from '../packages/agents/src/plop/testing/pool-worlds.ts';
import { runPoolWorld } from '../packages/agents/src/plop/testing/run-pool-world.ts';

const contracts = Number(process.env.CONTRACTS ?? 3_000);
const seeds = Number(process.env.SEEDS ?? 10);
const seed = process.env.SEED ?? 'campaign';
const bound = 0.005;

const rows = poolWorlds.map((world) => {
  const runs = Array.from({ length: seeds }, (_, index) =>
    runPoolWorld(world, { seed: `${seed} ${index}`, contracts }),
  );
  const mean = (pick: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  const excess = mean((run) => run.excess);
  return {
    world: world.name,
    market: mean((run) => run.market).toFixed(4),
    pool: mean((run) => run.pool).toFixed(4),
    excess: excess.toFixed(4),
    worst: Math.max(...runs.map((run) => run.excess)).toFixed(4),
    best: Math.min(...runs.map((run) => run.excess)).toFixed(4),
    held: excess <= bound,
  };
});
console.log(
  `${poolWorlds.length} worlds × ${seeds} seeds × ${contracts} contracts; excess: Brier of the pool less the market's`,
);
console.table(rows);
for (const { world, held } of rows) if (!held) console.log(`${world} did not hold`);
if (rows.some(({ held }) => !held)) process.exitCode = 1;
