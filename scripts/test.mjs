// All that `npm test` checks, each step one line with its time. Goes on after a failure, shows every failure, and ends with
// `N passed, N failed[, N skipped]`: the tests of the report, and one failed for each other step that failed.
import { join } from 'node:path';
import { mapLimited, root, runNode } from './workspace/program.mjs';
import { clearReport, readReport } from './workspace/test-report.mjs';

const report = join(root, 'reports', 'vitest.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
// Some tools keep files of their own in the home folder; here they keep them with the other caches.
const cache = join(root, 'node_modules', '.cache');
const env = { ...process.env, XDG_DATA_HOME: cache, XDG_CACHE_HOME: cache };

const tool = (path, ...args) => runNode(join(root, 'node_modules', path), args, { env, minutes: 9 });
const script = (name, ...args) => runNode(join(root, 'scripts', name), args);

// Steps of one stage run side by side, two at most; the tests run alone, as some of them measure time.
const stages = [
  {
    lint: () => tool('@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'),
    structure: () => script('check-structure.mjs'),
    links: () => script('check-links.mjs'),
    plants: () => script('planted-bugs.mjs', '--check'),
    types: () => script('check-types.mjs'),
  },
  { tests: () => tool('vitest/vitest.mjs', 'run', ...reporters) },
  { build: () => script('build.mjs') },
  {
    docs: () => tool('typedoc/bin/typedoc'),
    packages: () => script('check-packages.mjs'),
    unused: () => tool('knip/bin/knip.js'),
    size: () => tool('size-limit/bin.js'),
    examples: () => script('check-examples.mjs'),
    release: () => script('release-check.mjs', '--built'),
  },
];

clearReport(report);
const started = performance.now();
const failures = [];
let tests = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
for (const stage of stages) {
  await mapLimited(Object.entries(stage), 2, async ([name, run]) => {
    const { code, output, seconds } = await run();
    if (name === 'tests') tests = readReport(report, code);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`);
    if (code !== 0) failures.push({ name, output });
  });
}

for (const { name, output } of failures) console.log(`\n--- ${name} ---\n${output.trimEnd()}`);
if (tests.skippedNames.length > 0) console.log(`\nskipped:\n  ${tests.skippedNames.join('\n  ')}`);
const failed = tests.failed + failures.filter(({ name }) => name !== 'tests').length;
console.log(
  `\n${((performance.now() - started) / 1000).toFixed(0)} s in all; failed steps: ${failures.map(({ name }) => name).join(', ') || 'none'}`,
);
console.log(`${tests.passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
