// The order gate against its oracle: 1,000,000 seeded cases of limits × state × order, with NaN, ±0, 1e400, negatives and
// look-alike symbols; then 1,000 concurrent orders on one budget, for one user's limit and for the operator's. Ends with 1 when one
// case passed above a limit, a tighter limit let pass what was refused, or a reservation passed a cap by one decimal. Then each
// control is switched off, which the oracle has to notice. Usage: pnpm campaign gate, with `CASES` and `SEED` from the environment.
import { runBudgetOrders } from '../packages/risk/src/testing/budget-orders.ts';
import { type GateCaseCounts, runGateCases } from '../packages/risk/src/testing/gate-cases.ts';

const cases = Number(process.env.CASES ?? 1_000_000);
const seed = process.env.SEED ?? 'campaign';
const portion = 50_000;
const startedAtMs = performance.now();

const sum = (into: Record<string, number>, counts: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(counts)) into[name] = (into[name] ?? 0) + count;
};
const refused: Record<string, number> = {};
const above: Record<string, number> = {};
const loosened: Record<string, number> = {};
let [approved, unsaid, done] = [0, 0, 0];
for (let from = 0; from < cases; from += portion) {
  const counts: GateCaseCounts = runGateCases({ seed: `${seed}-${from}`, cases: Math.min(portion, cases - from) });
  sum(refused, counts.refused);
  sum(above, counts.above);
  sum(loosened, counts.loosened);
  approved += counts.approved;
  unsaid += counts.unsaid;
  done += counts.cases;
  for (const example of counts.examples) console.log(`did not hold: ${example}`);
  console.log(`${done} cases, ${approved} let pass, ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`);
}
const rows = Object.entries(refused).sort(([, a], [, b]) => b - a);
console.table(rows.map(([code, count]) => ({ code, refused: count })));
const held = Object.keys(above).length + Object.keys(loosened).length + unsaid === 0;
console.log(
  `above a limit: ${JSON.stringify(above)}, loosened by tightening: ${JSON.stringify(loosened)}, unsaid: ${unsaid}`,
);

let isBudgetKept = true;
for (const kind of ['user', 'operator'] as const) {
  const budget = await runBudgetOrders({ kind, orders: 1_000 });
  console.log(
    `1,000 orders at once on one ${kind}'s budget: ${budget.approved} let pass, ${budget.reserved} reserved of ${budget.cap}, ${budget.over ? 'OVER' : 'within'}`,
  );
  if (budget.over || budget.approved === 0) isBudgetKept = false;
}

let isBlind = false;
const controls = [
  'exposure',
  'loss-limits',
  'liquidation',
  'price-collar',
  'order-size',
  'venue-rules',
  'trading-state',
];
for (const without of [...controls, 'message-throttle', 'stop', 'permission']) {
  const counts = runGateCases({ seed: `${seed}-control`, cases: Math.min(cases, 20_000), without });
  const found = Object.values(counts.above).reduce((total, count) => total + count, 0);
  console.log(`control, ${without} off: ${found} cases above a limit`);
  if (found === 0) isBlind = true;
}
if (!held || !isBudgetKept || isBlind) process.exitCode = 1;
