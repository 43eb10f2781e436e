import { type Logger, silentLogger } from '@perpdesk/core';
import type { ReplayReport } from '@perpdesk/data';
import { expect, it } from 'vitest';
import { findingsOf, logFindings } from './source-findings.ts';

const clean: ReplayReport = {
  candles: 5,
  candlesByInstrument: {},
  gaps: [],
  partialBars: [],
  duplicates: 0,
  conflicts: 0,
  outOfOrder: 0,
  malformed: [],
  malformedCount: 0,
  findings: [],
  ignoredFiles: [],
  notes: [],
};

function logged(report: ReplayReport): string[] {
  const lines: string[] = [];
  const write = (fields: object, message?: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const logger: Logger = { ...silentLogger, info: write, warn: write };
  logFindings(logger, report);
  return lines;
}

it('default: a recording without faults is one line', () => {
  expect(logged(clean)).toEqual([
    'the recording was read {"event":"recording.read","candles":5,"gaps":0,"duplicates":0,"conflicts":0,"outOfOrder":0,"malformed":0,"ignoredFiles":0}',
  ]);
});

it('behavior: twenty rows of a kind are listed, the rest is a number', () => {
  const malformed = Array.from({ length: 100 }, (_, index) => ({ file: 'a.csv', line: index + 2, reason: 'odd' }));
  const report = { ...clean, malformed, malformedCount: 130, notes: ['Something.'], ignoredFiles: ['notes.txt'] };
  const lines = logged(report);
  expect(findingsOf(report).malformed).toBe(130);
  expect(lines.filter((line) => line.includes('"line"')).length).toBe(20);
  expect(lines).toContain(
    'a row can not be read and is left out: more of them {"event":"recording.row-malformed","more":110}',
  );
  expect(lines.slice(-2)).toEqual([
    'a file is of no known format {"event":"recording.file-ignored","file":"notes.txt"}',
    'Something. {"event":"recording.note"}',
  ]);
});
