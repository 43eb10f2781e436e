// Runs every small example on the sources; the product itself is covered by its tests.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { examples } from './workspace/packages.mjs';
import { mapLimited, runProgram } from './workspace/program.mjs';

const small = examples().filter(({ name }) => name !== 'perpdesk');
const runs = await mapLimited(small, 2, async ({ name, folder, manifest }) => {
  const file = join(folder, manifest.main);
  if (!existsSync(file)) return { name, code: 1, output: `examples/${name} has no ${manifest.main}\n` };
  return {
    name,
    ...(await runProgram(process.execPath, ['--conditions=@perpdesk/source', file], { cwd: folder, minutes: 2 })),
  };
});
for (const { name, code, output } of runs)
  if (code !== 0 || output.trim() === '')
    console.log(`examples/${name} ${code === 0 ? 'printed nothing' : `ended with ${code}`}\n${output}`);
process.exitCode = runs.some(({ code, output }) => code !== 0 || output.trim() === '') ? 1 : 0;
