// Made book streams of every venue's numbering through losses, repeats, delays, garbling and cuts: a live book is the venue's, level
// for level, or the synchronizer says that it is broken. `pnpm campaign book-faults`, with `RUNS` (per numbering) and `SEED` from the
// environment (1,000 and 1).
import { SeededRandom } from '../packages/core/src/index.ts';
import { numberings, playFaulty } from '../packages/data/src/book/testing/faulty-books.ts';

const runs = Number(process.env.RUNS ?? 1000);
const random = new SeededRandom(process.env.SEED ?? '1');
const rate = (): number => [0, 0.01, 0.05][Math.floor(random.next() * 3)] ?? 0;
const wrong: string[] = [];
const rows: object[] = [];
for (const numbering of Object.keys(numberings)) {
  let messages = 0;
  let live = 0;
  let breaks = 0;
  for (let run = 0; run < runs; run += 1) {
    const seed = Math.floor(random.next() * 2 ** 31);
    const rates = { lost: rate(), repeated: rate(), late: rate(), garbled: rate(), cut: rate() };
    const result = playFaulty(numbering, seed, 300, rates);
    messages += result.messages;
    live += result.live;
    breaks += result.breaks;
    if (result.wrong !== undefined) wrong.push(`${numbering} seed ${seed} ${JSON.stringify(rates)}: ${result.wrong}`);
  }
  rows.push({ numbering, runs, messages, breaks, 'live %': ((100 * live) / messages).toFixed(1) });
}
console.table(rows);
for (const line of wrong.slice(0, 20)) console.log(line);
console.log(wrong.length === 0 ? 'Every live book was the venue’s.' : `${wrong.length} runs were live and wrong.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
