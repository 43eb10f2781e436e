// Type-checks everything, tests included, in two passes side by side: what runs on Node, and what runs in a browser.
import { join } from 'node:path';
import { root, runNode } from './workspace/program.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const passes = await Promise.all(
  ['tsconfig.json', 'examples/perpdesk/web'].map((project) => runNode(tsc, ['-p', project])),
);
for (const { output } of passes) process.stdout.write(output);
process.exitCode = passes.some(({ code }) => code !== 0) ? 1 : 0;
