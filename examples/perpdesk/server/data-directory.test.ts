import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type DataDirectory, takeDataDirectory } from './data-directory.ts';

const root = mkdtempSync(join(tmpdir(), 'perpdesk-directory-'));
const taken: DataDirectory[] = [];
const take = (...path: readonly string[]): DataDirectory => {
  const directory = takeDataDirectory(join(root, ...path));
  taken.push(directory);
  return directory;
};
afterEach(() => {
  for (const directory of taken.splice(0)) directory.release();
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
});

describe('takeDataDirectory', () => {
  it('default: makes it for its owner alone, and names files in it', () => {
    const directory = take('a', 'b');
    expect(directory.file('desk.db')).toBe(join(root, 'a', 'b', 'desk.db'));
    expect(statSync(join(root, 'a', 'b')).mode & 0o777).toBe(0o700);
    expect(statSync(directory.file('desk.lock')).mode & 0o777).toBe(0o600);
  });

  it('behavior: one holder at a time, and the next after it let go', () => {
    const first = take('a');
    expect(() => take('a')).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        code: 'data-directory.in-use',
        message: `The data directory ${join(root, 'a')} is in use by process ${process.pid}; stop it or use another --data-dir.`,
      }),
    );
    first.release();
    expect(existsSync(first.file('desk.pid'))).toBe(false);
    take('a');
  });

  it('behavior: what a killed process left behind, and whose number lives on, is no holder', () => {
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'desk.pid'), '1');
    writeFileSync(join(root, 'a', 'desk.lock'), '');
    const directory = take('a');
    expect(readFileSync(directory.file('desk.pid'), 'utf8')).toBe(String(process.pid));
  });

  it('error: a file in its way', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => take('file')).toThrow(`${join(root, 'file')} can not be written: a file of that name is there.`);
    expect(() => take('file', 'a')).toThrow('can not be written: a part of the path is a file.');
    mkdirSync(join(root, 'b', 'desk.lock'), { recursive: true });
    expect(() => take('b')).toThrow('can not be written: files can not be made in it.');
  });
});
