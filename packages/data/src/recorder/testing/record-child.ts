// Run by the recorder's crash test: records numbered trades until it is killed, and says how many are on the disk for sure.
// Argument: the folder.
import { writeSync } from 'node:fs';
import { SystemClock } from '@perpdesk/core';
import { FeedRecorder } from '../feed-recorder.ts';
import { ScriptedFeed } from './scripted-feed.ts';

const [directory = ''] = process.argv.slice(2);
const clock = new SystemClock();
const feed = new ScriptedFeed(['BTC-PERP@scripted']);
const recorder = new FeedRecorder({
  ...{ feed, clock, directory, blockBytes: 4_000, segmentBytes: 6_000, flushEveryMs: 5 },
  subscription: { instrumentIds: ['BTC-PERP@scripted'], channels: ['trades'] },
});
await recorder.start();
for (let id = 0; ; ) {
  for (const last = id + 50; id < last; id += 1) {
    const atMs = clock.nowMs();
    const moments = { exchangeAtMs: atMs, receivedAtMs: atMs };
    const trade = { instrumentId: 'BTC-PERP@scripted', id: String(id), side: 'buy', price: id + 1, size: 0.1 } as const;
    feed.tell({ kind: 'trade', trade: { ...trade, ...moments } });
  }
  await recorder.flush();
  writeSync(1, `${id}\n`);
}
