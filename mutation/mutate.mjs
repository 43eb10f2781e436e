// Mutation testing: plants every small change Stryker knows into the files of ./areas.mjs, one at a time, and counts those that a
// test notices. `pnpm mutate [area …]`. Works on a copy; Stryker is installed here on the first run. What survives is listed with what
// ./judged.mjs says of it. Ends with 1 below the goal of 85 %.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workingCopy } from '../scripts/planted-bugs/working-copy.mjs';
import { root } from '../scripts/workspace/program.mjs';
import { areas } from './areas.mjs';
import { judgementOf } from './judged.mjs';
import { readScore } from './score.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const reports = join(root, 'reports', 'mutation');
const goal = 85;

install();
mkdirSync(reports, { recursive: true });
const words = process.argv.slice(2);
const wanted = areas.filter(({ name }) => words.length === 0 || words.includes(name));
const copy = workingCopy();
const rows = [];
try {
  buildCore();
  for (const area of wanted) rows.push(...mutate(area));
} finally {
  copy.remove();
}
for (const row of rows) show(row);
if (rows.length < Math.max(1, wanted.length)) process.exitCode = 1;
if (rows.some(({ percent }) => percent < goal)) process.exitCode = 1;

function mutate(area) {
  const started = performance.now();
  const cwd = join(copy.folder, 'packages', area.package);
  const report = join(reports, `${area.name}.json`);
  writeFileSync(join(cwd, 'stryker.mutation.json'), JSON.stringify(strykerConfig(area, report, cwd)));
  const { status } = spawnSync(
    process.execPath,
    [join(folder, 'node_modules/.bin/stryker'), 'run', 'stryker.mutation.json'],
    {
      cwd,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (status !== 0 || !existsSync(report)) return [];
  const seconds = (performance.now() - started) / 1000;
  return [{ area, seconds, ...readScore(JSON.parse(readFileSync(report, 'utf8')), judgementOf) }];
}

function strykerConfig({ mutate, name, passOver = [], tests }, report, cwd) {
  return {
    testRunner: 'bundle',
    plugins: [join(folder, 'bundle-runner.mjs'), join(folder, 'ignore-prose.mjs')],
    ignorers: ['prose'],
    bundledTests: globSync(tests, { cwd, exclude: passOver }).sort(),
    mutate,
    inPlace: true,
    concurrency: 2,
    coverageAnalysis: 'perTest',
    timeoutMS: 5_000,
    incremental: true,
    incrementalFile: join(reports, `${name}.incremental.json`),
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    allowConsoleColors: false,
    disableTypeChecks: false,
    warnings: { unknownOptions: false },
  };
}

function show({ area, seconds, killed, total, percent, uncovered, survivors, unjudged }) {
  console.log(
    `\n${area.name}: ${killed} of ${total} mutants killed, ${percent.toFixed(1)} % (${uncovered} reached by no test), ${seconds.toFixed(0)} s`,
  );
  for (const { where, change, judgement } of survivors)
    console.log(`  ${judgement ?? 'NOT JUDGED'}  ${where}  ${change}`);
  if (unjudged.length > 0) console.log(`  ${unjudged.length} of them nobody has judged`);
}

function buildCore() {
  const cwd = join(copy.folder, 'packages', 'core');
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsup/dist/cli-default.js'), '--no-dts', '--silent'],
    {
      cwd,
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('The core could not be built.');
}

function install() {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const versionOf = (name) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
  };
  if (Object.entries(dependencies).every(([name, version]) => versionOf(name) === version)) return;
  console.log('installing the mutation tester');
  // Its peer vitest is the workspace's own, found in the folder above: two copies would not know one another's tests.
  const args = [
    'install',
    '--legacy-peer-deps',
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('The mutation tester could not be installed.');
}
