import { playIsolation } from '../examples/perpdesk/server/hostile/isolation.ts';

// Two users at once: chats, proposals, trades and approvals, interleaved, and a look for anything of one in whatever is the other's:
// `pnpm campaign isolation`, with `SEED` and `ACTS` from the environment (1 and 1,600: about a thousand chats). Then with a part that mixes
// users up, which has to be noticed.
const seed = Number(process.env.SEED ?? 1);
const acts = Number(process.env.ACTS ?? 1_600);

const { violations, ...figures } = await playIsolation(seed, { acts });
console.table(figures);
for (const { kind, message } of violations) console.log(`  ✗ ${kind}: ${message}`);
let isBlind = false;
for (const mixUp of ['state', 'history'] as const) {
  const kinds = new Set((await playIsolation(seed, { acts: 80, mixUp })).violations.map(({ kind }) => kind));
  console.log(`Control, users mixed up by their ${mixUp}: ${kinds.size === 0 ? 'NOT NOTICED' : [...kinds].join(', ')}`);
  if (kinds.size === 0) isBlind = true;
}
if (violations.length > 0 || isBlind || figures.chats === 0) process.exitCode = 1;
