import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dbosTemplate, type OwnDatabase, ownDatabase, postgresForTests } from './testing/own-database.ts';

const script = fileURLToPath(new URL('./side-by-side.process.ts', import.meta.url));
let folder = '';
const { available, title } = await postgresForTests();
let template: OwnDatabase;
let database: OwnDatabase;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perpdesk-dbos-'));
  if (available) template = await dbosTemplate();
});
beforeEach(async () => {
  if (available) database = await ownDatabase(template);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await database?.drop();
});
afterAll(async () => {
  await template?.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Engine {
  /** Tells the process a command; the answer is its. */
  tell(line: string): Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

async function open(effects: string, ownerId: string, leaseMs = 60_000): Promise<Engine> {
  const given = ['--conditions=@perpdesk/source', '--no-warnings', script, database.url, effects, ownerId];
  const child = spawn(process.execPath, [...given, `${leaseMs}`]);
  children.push(child);
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`The process has ended: ${errors}`);
    return value;
  };
  expect(await answer()).toBe('open');
  return {
    tell: async (line) => {
      child.stdin.write(`${line}\n`);
      return JSON.parse(await answer());
    },
    kill: (signal) => void child.kill(signal),
  };
}

const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split('\n').toSorted();

describe.skipIf(!available)(`DbosWorkflowEngine in two processes on ${title}`, () => {
  it('behavior: two processes race for one id: it runs once', async () => {
    const effects = join(folder, 'race');
    const [a, b] = await Promise.all([open(effects, 'a'), open(effects, 'b')]);
    expect(await Promise.all([a.tell('race once'), b.tell('race once')])).toEqual([10, 10]);
    for (let index = 0; index < 10; index += 1) expect(await b.tell(`ended run-${index}`)).toEqual(['succeeded', null]);
    expect(linesOf(effects).map((line) => line.split(' by ')[0])).toEqual(
      Array.from({ length: 10 }, (_, index) => `once run-${index}`),
    );
  }, 60_000);

  it('behavior: one run has one writer: a process waits for the lease of one that hangs, which can not write any more', async () => {
    const effects = join(folder, 'hangs');
    const a = await open(effects, 'a', 3_000);
    await a.tell('start place run-1');
    const b = await open(effects, 'b', 3_000);
    expect(await b.tell('recover')).toBe(0);
    expect(linesOf(effects)).toHaveLength(1);
    // Not dead: its connections are open, it only shows no sign of life until it wakes.
    a.kill('SIGSTOP');
    expect(await b.tell('ended run-1')).toEqual(['succeeded', 'b']);
    a.kill('SIGCONT');
    await a.tell('goOn');
    expect(await a.tell('ended run-1')).toEqual(['succeeded', 'b']);
    await a.tell('close');
    const id = linesOf(effects)[1]?.split(' ')[1];
    expect(linesOf(effects)).toEqual(['after by b', `place ${id} by a`, `place ${id} by b`]);
  }, 60_000);

  it('behavior: what another process is told of a run reaches the one that executes it, long before its lease is renewed', async () => {
    const effects = join(folder, 'told');
    const [a, b] = await Promise.all([open(effects, 'a'), open(effects, 'b')]);
    for (const id of ['run-1', 'run-2']) await a.tell(`start listen ${id}`);
    await b.tell('signal run-1');
    await b.tell('cancel run-2');
    const toldAt = performance.now();
    expect(await a.tell('ended run-1')).toEqual(['succeeded', 'b']);
    expect(performance.now() - toldAt).toBeLessThan(10_000);
    expect(await a.tell('ended run-2')).toEqual(['canceled', null]);
    await a.tell('close');
  }, 60_000);
});
