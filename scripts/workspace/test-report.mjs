import { readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './program.mjs';

/** Removes the last run's report, so that it can't pass for this one's. */
export function clearReport(path) {
  rmSync(path, { force: true });
}

/**
 * Counts of the test runner's JSON report. A file that failed to load, and a run that failed without naming a test (an unhandled
 * error, no report), count as one failed each.
 */
export function readReport(path, exitCode) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, skippedNames: [] };
  }
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const named = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    failed: named === 0 && exitCode !== 0 ? 1 : named,
    skipped: report.numPendingTests + report.numTodoTests,
    skippedNames: report.testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => ['skipped', 'pending', 'todo', 'disabled'].includes(test.status))
        .map((test) => `${relative(root, file.name)}: ${test.fullName}`),
    ),
  };
}
