// Builds every package for publishing, two at a time.
import { join } from 'node:path';
import { packages } from './workspace/packages.mjs';
import { mapLimited, root, runNode } from './workspace/program.mjs';

const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
const built = await mapLimited(packages(), 2, async ({ name, folder }) => {
  const { code, output, seconds } = await runNode(tsup, ['--silent'], { cwd: folder });
  console.log(`${code === 0 ? 'built' : 'FAILED'} ${name} ${seconds.toFixed(1)} s${code === 0 ? '' : `\n${output}`}`);
  return code;
});
process.exitCode = built.some((code) => code !== 0) ? 1 : 0;
