// Plants the bugs of ./planted-bugs/bugs.mjs one at a time into a copy of the working tree and runs the tests that have to notice: the
// suite is as good as what it catches. `pnpm plant [word …]` plants those whose name or file has a word; `--check` only looks whether each
// text to be replaced stands exactly once (part of `npm test`, so that the list follows the code). Ends with 1 when one survives.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bugs } from './planted-bugs/bugs.mjs';
import { findTexts, withBug } from './planted-bugs/plant.mjs';
import { workingCopy } from './planted-bugs/working-copy.mjs';
import { root, runNode } from './workspace/program.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const isWanted = ({ name, file }) => words.length === 0 || words.some((word) => `${name} ${file}`.includes(word));

const wrong = findTexts(bugs, (file) =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined,
);
for (const line of wrong) console.log(line);
if (wrong.length > 0) process.exitCode = 1;
else if (process.argv.includes('--check')) console.log(`${bugs.length} bugs can be planted`);
else await plantAll(bugs.filter(isWanted));

async function plantAll(wanted) {
  const copy = workingCopy();
  const started = performance.now();
  try {
    const bad = await failingUnharmed(copy.folder, [...new Set(wanted.flatMap(({ tests }) => tests))]);
    if (bad.length > 0) {
      console.log(`these fail without any bug, and so prove nothing:\n  ${bad.join('\n  ')}`);
      process.exitCode = 1;
      return;
    }
    const survivors = [];
    for (const bug of wanted) {
      const { caught, seconds, by } = await plant(copy.folder, bug);
      console.log(
        `${caught ? 'caught  ' : 'SURVIVED'}  ${seconds.toFixed(1).padStart(5)} s  ${bug.name}${by === '' ? '' : `  (${by})`}`,
      );
      if (!caught) survivors.push(bug.name);
    }
    console.log(
      `\n${wanted.length - survivors.length} of ${wanted.length} caught in ${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
    if (survivors.length > 0) process.exitCode = 1;
  } finally {
    copy.remove();
  }
}

async function plant(folder, bug) {
  const path = join(folder, bug.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, withBug(text, bug));
  try {
    const { code, output, seconds } = await runTests(folder, bug.tests, ['--bail=1']);
    // A program that can not even be read says nothing about the tests.
    if (/Transform failed|SyntaxError|PARSE_ERROR/.test(output))
      throw new Error(`"${bug.name}" is no program:\n${output}`);
    return { caught: code !== 0, seconds, by: failedTest(output) };
  } finally {
    writeFileSync(path, text);
  }
}

async function failingUnharmed(folder, tests) {
  const bad = [];
  for (const [project, files] of Map.groupBy(tests, projectOf)) {
    const { code, output } = await runTests(folder, files, []);
    if (code !== 0) bad.push(`${project}: ${failedTest(output) || output.slice(-2_000)}`);
  }
  return bad;
}

/** Runs test files of one or more packages, package after package until one fails. */
async function runTests(folder, tests, options) {
  let result = { code: 0, output: '', seconds: 0 };
  for (const [project, files] of Map.groupBy(tests, projectOf)) {
    const cwd = join(folder, 'packages', project);
    const args = ['run', ...options, ...files.map((file) => file.replace(`packages/${project}/`, ''))];
    const { code, output, seconds } = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), args, {
      cwd,
      minutes: 3,
    });
    result = { code, output, seconds: result.seconds + seconds };
    if (code !== 0) return result;
  }
  return result;
}

function projectOf(file) {
  return file.split('/')[1];
}

function failedTest(output) {
  return /^\s*FAIL\s+(.*)$/m.exec(output)?.[1]?.trim() ?? '';
}
