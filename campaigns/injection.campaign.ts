import { runInjections } from '../examples/perpdesk/server/hostile/injection-run.ts';
import { injections } from '../examples/perpdesk/server/hostile/injections.ts';
import { runHostileDesk } from '../examples/perpdesk/server/hostile/run-hostile-desk.ts';
import { injectInProcess } from '../examples/perpdesk/server/hostile/run-in-process.ts';

// Hostile texts in chats, contracts' questions and rules, news, release titles and markets' names, with a model that obeys each of them:
// `pnpm campaign injection`, with `FROM` and `COUNT` from the environment (0 and all). Then with the marking of foreign text and the
// masking of secrets switched off, which has to be noticed.
const from = Number(process.env.FROM ?? 0);
const count = Number(process.env.COUNT ?? injections.length);

const { obeyed, violations, ...figures } = await runInjections(1, { from, count });
console.table(figures);
console.log('Prompts in which the model found the text and obeyed:');
console.table(obeyed);
for (const { kind, message } of violations) console.log(`  ✗ ${kind}: ${message}`);
// The same as titles of economic events on a desk that trades: whoever obeys them is an agent among others, and its orders are Brix's to let go.
const desk = await runHostileDesk(2, { quarters: 8, injected: injections });
const { held, limitChecks, obeyed: onDesk, trades } = desk;
console.log('As release titles on a desk that trades:');
console.table({ rounds: held, trades, 'orders held against limits': limitChecks, ...onDesk });
for (const { kind, message } of desk.violations) console.log(`  ✗ ${kind}: ${message}`);
let isBlind = false;
for (const without of ['marking', 'redaction'] as const) {
  const kinds = new Set((await injectInProcess(6, 8, { without })).violations.map(({ kind }) => kind));
  console.log(`Control, without ${without}: ${kinds.size === 0 ? 'NOT NOTICED' : [...kinds].join(', ')}`);
  if (kinds.size === 0) isBlind = true;
}
if (violations.length + desk.violations.length > 0 || onDesk.texts === 0 || isBlind || figures.strings === 0)
  process.exitCode = 1;
