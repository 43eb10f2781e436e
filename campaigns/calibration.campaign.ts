// What the rule-based agents said over recorded candles, scored as on the desk: hit rate and Brier score by agent, horizon and
// regime beside naive forecasts, base rates and all else that is learned taken from the first half of the time and judged on the
// second. Hyperliquid 5m (134 days, five markets) and BTC-PERP 1m (15 days). It prints what it finds and judges nothing: it ends with
// 1 only when nothing could be scored. Usage: pnpm campaign calibration; DAYS from the environment cuts the recordings.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moveBeforeIn } from '../examples/perpdesk/server/calibration/move-before.ts';
import { renderSkill } from '../examples/perpdesk/server/calibration/render-skill.ts';
import { type RecordedSeries, scoreRecording } from '../examples/perpdesk/server/calibration/score-recording.ts';
import { reportSkill } from '../examples/perpdesk/server/calibration/skill-report.ts';
import { calibrationFactor } from '../packages/agents/src/index.ts';
import { type FundingRate, type Timeframe, timeframeMs } from '../packages/core/src/index.ts';
import { candleAt } from '../packages/data/src/candles/candle-buffer.ts';
import { loadRecording, type RecordedMarket } from '../packages/data/src/replay/load-recording.ts';

const fixtures = process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../shared/fixtures', import.meta.url));
const days = Number(process.env.DAYS ?? Number.POSITIVE_INFINITY);
const recordings = [
  { title: 'Hyperliquid, 5m', folder: join(fixtures, 'candles/hyperliquid'), base: '5m' },
  { title: 'BTC-PERP, 1m', folder: join(fixtures, 'candles/btc-perp-1m'), base: '1m' },
] as const;

function seriesOf({ instrument, bars, funding }: RecordedMarket, base: Timeframe): RecordedSeries {
  const columns = bars.get(base);
  if (columns === undefined) throw new Error(`${instrument.id} has no ${base} candles.`);
  const length = Math.min(columns.length, Math.floor((days * timeframeMs('1d')) / timeframeMs(base)));
  const candles = Array.from({ length }, (_, row) =>
    candleAt(columns, { instrumentId: instrument.id, timeframe: base }, row),
  );
  return {
    instrument,
    candles,
    funding: Array.from({ length: funding.length }, (_, row): FundingRate => {
      const settlesAtMs = funding.at(row, 0);
      const [exchangeAtMs, receivedAtMs] = [settlesAtMs, settlesAtMs];
      const [rate, intervalMs] = [funding.at(row, 1), funding.at(row, 2)];
      return {
        ...{ instrumentId: instrument.id, rate, intervalMs, settlesAtMs, predicted: false },
        ...{ exchangeAtMs, receivedAtMs },
      };
    }),
  };
}

for (const { title, folder, base } of recordings) {
  console.log(`\n## ${title}`);
  if (!existsSync(folder)) {
    console.log(`skipped: no recordings at ${folder}; set PERPDESK_FIXTURES.`);
    continue;
  }
  const before = process.cpuUsage();
  const { markets } = await loadRecording({ directory: folder });
  const series = markets.map((market) => seriesOf(market, base));
  const { book, scores, opinions, abstentions, unscored, drifts, fromMs, toMs } = await scoreRecording(series, {
    base,
  });
  const { user, system } = process.cpuUsage(before);
  const names = series.map(({ instrument }) => instrument.id).join(', ');
  console.log(`${names}: ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`);
  console.log(`opinions ${JSON.stringify(opinions)}, without ${JSON.stringify(abstentions)}`);
  console.log(
    `scored ${scores.length}, unscored ${JSON.stringify(unscored)}; ${((user + system) / 1e6).toFixed(0)} s of CPU`,
  );
  if (scores.length === 0) process.exitCode = 1;
  const rows = reportSkill(scores, { moveBefore: moveBeforeIn(series, base), seed: 'calibration' });
  console.log(`\nSecond half, by horizon:\n\n${renderSkill(rows.filter(({ regime }) => regime === undefined))}`);
  console.log(`\nSecond half, by regime:\n\n${renderSkill(rows.filter(({ regime }) => regime !== undefined))}`);
  for (const agent of Object.keys(opinions)) {
    const record = book.record(agent);
    const detail = book.detail({ agent, word: 'opinion', bars: 4 });
    if (record === undefined || detail === undefined) continue;
    const { points, reliability, resolution, uncertainty } = detail.reliability;
    const factor = calibrationFactor(record).toFixed(3);
    console.log(
      `\n${agent}, four bars on, all of it: ${record.scored} scored, skill ${record.skill.toFixed(3)}, factor ${factor}`,
    );
    console.log(
      `reliability ${reliability.toFixed(4)}, resolution ${resolution.toFixed(4)}, uncertainty ${uncertainty.toFixed(4)}`,
    );
    for (const { from, to, count, confidence, hitRate } of points)
      console.log(
        `  ${from.toFixed(1)}–${to.toFixed(1)}: ${count} views, said ${confidence.toFixed(2)}, came ${hitRate.toFixed(2)}`,
      );
  }
  for (const { agent, state, atMs, usual, recent } of drifts)
    console.log(`${agent} ${state} at ${new Date(atMs).toISOString()}: ${usual.toFixed(3)} to ${recent.toFixed(3)}`);
}
