#!/usr/bin/env node
// The one entry of `npm start`, `npm test`, `npm run bench` and `npm run campaign`. It needs only Node 18 and npm: it brings the pinned
// Node and pnpm (kept in npm's cache), installs when the lockfile changed, builds the web page when its inputs changed, then runs
// the command.
import { BootstrapError } from './bootstrap/error.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { run } from './bootstrap/run.mjs';
import { fittingNode, pnpmDirectory, rememberTools } from './bootstrap/toolchain.mjs';
import { ensureWebPage } from './bootstrap/web.mjs';

const hasNoPage = (args) => args.some((arg) => ['--headless', '--help', '-h'].includes(arg));

const commands = {
  start: { file: 'examples/perpdesk/server/main.ts', page: (args) => !hasNoPage(args) },
  test: { file: 'scripts/test.mjs', pnpm: true },
  bench: { file: 'scripts/bench.mjs' },
  campaign: { file: 'scripts/campaign.mjs' },
  'release-check': { file: 'scripts/release-check.mjs', pnpm: true },
};

async function main([name = '', ...args]) {
  const command = commands[name];
  if (!command) throw new BootstrapError(`unknown command "${name}"; one of: ${Object.keys(commands).join(', ')}`);
  const node = fittingNode();
  ensureInstalled(node);
  if (command.page?.(args)) ensureWebPage(node);
  const path = command.pnpm ? [pnpmDirectory()] : [];
  rememberTools();
  process.exitCode = await run({ node, file: command.file, args, path });
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`perpdesk: ${error instanceof BootstrapError ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
