// "Built from the published packages alone": packs every package, copies the examples to a temporary folder, lets them depend on the
// tarballs, builds the web page and runs each example there under plain Node. Arguments go to the product; without any it prints
// its help; --built takes the packages as built.
// Example: npm run release:check -- --replay DIR --speed max --headless --exit-at-end --autonomy full-auto
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { examples, packages } from './workspace/packages.mjs';
import { mapLimited, root, runNode, runProgram } from './workspace/program.mjs';

const given = process.argv.slice(2).filter((argument) => !['--', '--built'].includes(argument));
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-release-'));
const tarballs = Object.fromEntries(
  packages().map(({ name, manifest }) => [manifest.name, join(folder, `${name}.tgz`)]),
);

try {
  if (!process.argv.includes('--built')) await step('build', () => runNode(join(root, 'scripts', 'build.mjs')));
  await mapLimited(packages(), 2, ({ name, folder: source, manifest }) =>
    step(`pack ${name}`, () => runProgram('pnpm', ['pack', '--out', tarballs[manifest.name]], { cwd: source })),
  );
  layOutExamples();
  await step('install', install);
  for (const { name, manifest } of examples()) await runExample(name, manifest);
  console.log('built from the published packages alone: holds');
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The examples without what was installed or built, the workspace rules with the tarballs put in for our packages. */
function layOutExamples() {
  const isSource = (path) => !['node_modules', 'dist', '.perpdesk'].includes(basename(path));
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true, filter: isSource });
  for (const file of ['tsconfig.base.json', 'pnpm-lock.yaml']) cpSync(join(root, file), join(folder, file));
  const overrides = Object.entries(tarballs).map(([name, path]) => `  '${name}': 'file:${path}'\n`);
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
    .replace(/^packages:.*$/m, "packages: ['examples/*']")
    .replace(/^overrides:\n/m, (key) => key + overrides.join(''));
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), workspace);
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "perpdesk-release-check", "private": true, "type": "module" }\n',
  );
  for (const { name, manifest } of examples()) {
    const dependencies = { ...manifest.dependencies };
    for (const each of Object.keys(dependencies)) if (tarballs[each]) dependencies[each] = `file:${tarballs[each]}`;
    writeFileSync(
      join(folder, 'examples', name, 'package.json'),
      JSON.stringify({ ...manifest, dependencies }, null, 2),
    );
  }
}

/** From pnpm's store alone where that has everything, else through the registry. */
async function install() {
  const pnpm = (how) => runProgram('pnpm', ['install', '--no-frozen-lockfile', how], { cwd: folder });
  const offline = await pnpm('--offline');
  return offline.code === 0 ? offline : pnpm('--prefer-offline');
}

async function runExample(name, manifest) {
  const cwd = join(folder, 'examples', name);
  const vite = join(cwd, 'node_modules', 'vite', 'bin', 'vite.js');
  if (existsSync(join(cwd, 'web', 'index.html')))
    await step(`build the page of ${name}`, () => runNode(vite, ['build', 'web', '--logLevel', 'warn'], { cwd }));
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const product =
    given.length > 0 ? [...(given.includes('--data-dir') ? [] : ['--data-dir', data]), ...given] : ['--help'];
  // Paths among the arguments are the caller's, so the product runs where the caller is.
  const [args, where] = name === 'perpdesk' ? [product, root] : [[], cwd];
  const { output } = await step(`run ${name}`, () =>
    runNode(join(cwd, manifest.main), args, { cwd: where, minutes: 4 }),
  );
  console.log(
    output
      .trimEnd()
      .split('\n')
      .slice(-5)
      .map((line) => `    ${line}`)
      .join('\n'),
  );
}

async function step(name, run) {
  const result = await run();
  console.log(
    `${result.code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(28)} ${result.seconds.toFixed(1).padStart(6)} s`,
  );
  if (result.code !== 0)
    throw new Error(`\n${result.output.trimEnd()}\n\nbuilt from the published packages alone: FAILED at ${name}`);
  return result;
}
