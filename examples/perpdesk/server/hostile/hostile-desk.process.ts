import { type DefenceName, switchOff } from './switch-off.ts';

// A run in a process of its own, in which a defence may be switched off before anything is loaded. Arguments: seed, quarters, defence,
// the kind of violation that ends it.
const [seed = '1', quarters = '2', defence, until] = process.argv.slice(2);
if (defence !== undefined && defence !== 'brix') switchOff(defence as DefenceName);
const { runHostileDesk } = await import('./run-hostile-desk.ts');
const result = await runHostileDesk(Number(seed), {
  quarters: Number(quarters),
  ...(defence === 'brix' ? { sabotage: 'no-gate' } : {}),
  ...(until === undefined ? {} : { until }),
});
process.stdout.write(JSON.stringify(result));
