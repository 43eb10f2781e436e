import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import * as z from 'zod';

const answeredSchema = z.looseObject({
  outcome: z.looseObject({
    kind: z.literal('answered'),
    value: z.looseObject({ direction: z.enum(['long', 'short']), components: z.record(z.string(), z.number()) }),
  }),
});

/** Copies the journal of a run with one opinion's answer made a little less sure of itself. @throws Error where there is none. */
export function changeAnswer(directory: string, changed: string): string {
  mkdirSync(changed, { recursive: true });
  for (const name of ['desk.db', 'desk.db-wal'])
    if (existsSync(join(directory, name))) cpSync(join(directory, name), join(changed, name));
  const database = new Sqlite(join(changed, 'desk.db'));
  try {
    const rows = database.prepare<[], { id: string; data: string }>('select id, data from model_questions order by id');
    const all = rows.all();
    const third = Math.floor(all.length / 3);
    for (const { id, data } of [...all.slice(third), ...all.slice(0, third)]) {
      const record = answeredSchema.safeParse(JSON.parse(data)).data;
      if (record === undefined) continue;
      const { value } = record.outcome;
      const components = Object.entries(value.components);
      const agrees = components.every(([, points]) => points > 1 === (value.direction === 'long'));
      if (!agrees || components.length === 0 || !isPlain(value)) continue;
      const less = value.direction === 'long' ? -1 : 1;
      const weaker = Object.fromEntries(components.map(([name, points]) => [name, points + less]));
      const outcome = { ...record.outcome, value: { ...value, components: weaker } };
      database
        .prepare('update model_questions set data = ? where id = ?')
        .run(JSON.stringify({ ...record, outcome }), id);
      return id;
    }
    throw new Error('No answer can be changed.');
  } finally {
    database.close();
  }
}

/** True for an answer that cites no number but what it was given. */
const isPlain = ({ reasoning }: Readonly<Record<string, unknown>>): boolean => reasoning === 'All of it leans one way.';

/** Copies a recording with one funding rate from before an instant changed, which is nothing but a feature of what comes after. */
export function changeFunding(
  recording: string,
  changed: string,
  { symbol, beforeMs }: { readonly symbol: string; readonly beforeMs: number },
): void {
  cpSync(recording, changed, { recursive: true });
  const plain = join(changed, `${symbol}-USDC-PERP_1h-funding_rate.csv`);
  const isPacked = !existsSync(plain);
  const file = isPacked ? `${plain}.gz` : plain;
  const text = isPacked ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  const index = lines.findLastIndex((line) => Number(line.split(',')[0]) < beforeMs);
  const [atMs, rate] = lines[index]?.split(',') ?? [];
  if (index < 1) throw new Error(`${file} has no rate from before ${beforeMs}.`);
  lines[index] = `${atMs},${Number(rate) + 0.0001}`;
  const rows = `${lines.join('\n')}\n`;
  writeFileSync(file, isPacked ? gzipSync(rows) : rows);
}
