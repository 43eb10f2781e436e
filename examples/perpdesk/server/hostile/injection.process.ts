import { type DefenceName, switchOff } from './switch-off.ts';

// Hostile texts in a process of its own, in which a defence may be switched off before anything is loaded. Arguments: from, count, defence.
const [from = '0', count = '20', defence] = process.argv.slice(2);
if (defence !== undefined) switchOff(defence as DefenceName);
const { runInjections } = await import('./injection-run.ts');
const result = await runInjections(1, { from: Number(from), count: Number(count), redacts: defence !== 'redaction' });
process.stdout.write(JSON.stringify(result));
