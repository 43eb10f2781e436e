// A recorded day by a desk whose agents ask a server of models over HTTP, mostly answered well, some of it badly or not at all, and the
// same day again from what the desk wrote down: the digest over all events is the same, each decision by itself is too, and one answer
// or one feature that is another makes another digest. Each run is a process. `DAY` (2025-07-25), `SYMBOLS` (BTC,ETH), `HOURS` (24),
// `SEED` of the answers (day) and `OUTAGE_AFTER` so many requests (1300: the server is down for the rest) from the environment. Needs the
// fixtures' 1m candles of Hyperliquid, which hold 2025-07-22 to 2025-07-25 whole.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReplayedDay, runModelDay } from '../examples/perpdesk/server/model-day/run-model-day.ts';

const { DAY: date = '2025-07-25', SYMBOLS: symbols = 'BTC,ETH', SEED: seed = 'day' } = process.env;
const hours = Number(process.env.HOURS ?? 24);
const outageAfter = Number(process.env.OUTAGE_AFTER ?? 1_300);
const fixtures = process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../shared/fixtures', import.meta.url));
const recording = join(fixtures, 'candles/hyperliquid');
const fromMs = Date.parse(`${date}T00:00:00Z`);
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-model-day-'));

const row = ({ report, wallMs, ...day }: ReplayedDay) => ({
  digest: report.digest.slice(0, 16),
  ...{ 'same digest': day.sameDigest, 'same decisions': day.sameDecisions, 'same fills': day.sameFills },
  'questions not recorded': day.notRecorded,
  seconds: (wallMs / 1_000).toFixed(1),
});

if (!existsSync(recording)) console.log(`skipped: no recordings at ${recording}; set PERPDESK_FIXTURES.`);
else
  try {
    const day = await runModelDay({
      ...{ recording, fromMs, folder, seed, outageAfter, symbol: symbols.split(',')[0] ?? 'BTC' },
      args: [
        ...['--symbols', symbols, '--from', `${date}T00:00`],
        ...['--to', new Date(fromMs + hours * 3_600_000).toISOString()],
      ],
    });
    const { recorded, replays, changed, alone } = day;
    const { rounds, decisions, signals, orders, fills, digest } = recorded.report;
    console.log(`${symbols} on ${date}, ${hours} h: digest ${digest}`);
    const questions = Object.values(day.outcomes).reduce((sum, count) => sum + count, 0);
    const seconds = (recorded.wallMs / 1_000).toFixed(1);
    console.table({ rounds, questions, decisions, signals, orders, fills, seconds });
    for (const [name, counts] of Object.entries({
      'requests at the server': day.plays,
      'what came of the questions': day.outcomes,
      'opinions by': day.opinions,
      'agents fell back for': day.fallbacks,
    }))
      console.log(`${name}: ${JSON.stringify(counts)}`);
    console.table({
      ...Object.fromEntries(replays.map((replay, index) => [`again ${index + 1}`, row(replay)])),
      'one answer changed': row(changed.answer),
      'one feature changed': row(changed.feature),
    });
    console.log(
      `${alone.same} of ${alone.traces} decisions the same by themselves, ${alone.replayed} events reckoned again`,
    );
    for (const other of alone.others.slice(0, 10)) console.log(`  ✗ ${other}`);
    const isRepeated = replays.every(
      ({ sameDigest, sameDecisions, sameFills }) => sameDigest && sameDecisions && sameFills,
    );
    const isSensitive = !changed.answer.sameDigest && !changed.feature.sameDigest;
    if (!isRepeated || !isSensitive || alone.others.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
