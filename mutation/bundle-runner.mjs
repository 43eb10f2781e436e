import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { Collector } from './collector.mjs';

const root = new URL('..', import.meta.url);
const namespace = '__stryker__';
const longestTestMs = 5_000;

/**
 * Runs tests for Stryker in its own process: each test file is bundled once with the mutated sources and evaluated anew for every
 * mutant, in milliseconds where a worker of vitest takes a second to begin. Assertions are vitest's.
 */
class BundleRunner {
  #scripts = new Map();
  #options;
  #require = createRequire(join(process.cwd(), 'package.json'));
  #expect;

  constructor(options) {
    this.#options = options;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const require = createRequire(new URL('package.json', root));
    const { build } = createRequire(require.resolve('tsup'))('esbuild');
    const vitest = await import(pathToFileURL(join(require.resolve('vitest/package.json'), '../dist/index.js')).href);
    this.#expect = vitest.expect;
    for (const file of this.#options.bundledTests) {
      const { outputFiles } = await build({
        ...{ entryPoints: [file], bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node24' },
        ...{ packages: 'external', logLevel: 'silent' },
      });
      const code = `(function (require, module, exports) {${outputFiles[0].text}\n})`;
      this.#scripts.set(file, new vm.Script(code, { filename: file }));
    }
  }

  async dryRun() {
    const stryker = this.#namespace();
    stryker.activeMutant = undefined;
    const tests = await this.#run({ files: [...this.#scripts.keys()], onTest: (id) => (stryker.currentTestId = id) });
    if ('errorMessage' in tests) return tests;
    return { status: DryRunStatus.Complete, tests: tests.results, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, disableBail, hitLimit, mutantActivation, testFilter }) {
    const stryker = this.#namespace();
    stryker.hitLimit = hitLimit;
    stryker.hitCount = 0;
    stryker.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    const wanted = testFilter === undefined ? undefined : new Set(testFilter);
    const files = [...this.#scripts.keys()].filter(
      (file) => wanted === undefined || testFilter.some((id) => id.startsWith(`${file}#`)),
    );
    const begin = () => (stryker.activeMutant = activeMutant.id);
    const ran = await this.#run({ files, wanted, bail: !disableBail, begin });
    stryker.activeMutant = undefined;
    const late = determineHitLimitReached(stryker.hitCount, hitLimit);
    if (late !== undefined) return toMutantRunResult(late);
    return toMutantRunResult('errorMessage' in ran ? ran : { status: DryRunStatus.Complete, tests: ran.results });
  }

  #namespace() {
    globalThis[namespace] ??= {};
    return globalThis[namespace];
  }

  async #run({ bail = false, begin = () => {}, files, onTest = () => {}, wanted }) {
    const results = [];
    for (const file of files) {
      const collector = new Collector(this.#expect);
      try {
        const module = { exports: {} };
        const load = (name) => (name === 'vitest' ? collector.api : this.#require(name));
        this.#scripts.get(file).runInThisContext()(load, module, module.exports);
        collector.collect();
      } catch (error) {
        // A mutant that keeps the file from being read is noticed by every test in it.
        if (wanted === undefined) return { status: DryRunStatus.Error, errorMessage: `${file}: ${error.stack}` };
        const id = [...wanted].find((each) => each.startsWith(`${file}#`));
        results.push({ id, name: id, timeSpentMs: 0, status: TestStatus.Failed, failureMessage: String(error) });
        if (bail) break;
        continue;
      }
      begin();
      for (const test of collector.tests) {
        const id = `${file}#${test.name}`;
        if (wanted !== undefined && !wanted.has(id)) continue;
        onTest(id);
        const started = performance.now();
        const failure = await within(longestTestMs, test.run);
        onTest(undefined);
        const about = { id, name: test.name, fileName: file, timeSpentMs: performance.now() - started };
        if (failure === undefined) results.push({ ...about, status: TestStatus.Success });
        else results.push({ ...about, status: TestStatus.Failed, failureMessage: String(failure?.message ?? failure) });
        if (failure !== undefined && bail) return { results };
      }
    }
    return { results };
  }
}

/** What a test failed with, if it did. */
async function within(timeMs, run) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(new Error(`not done within ${timeMs} ms`)), timeMs);
  });
  try {
    return await Promise.race([
      run().then(
        () => undefined,
        (error) => error ?? new Error('failed'),
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

const createBundleRunner = (options) => new BundleRunner(options);
createBundleRunner.inject = tokens(commonTokens.options);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'bundle', createBundleRunner)];
