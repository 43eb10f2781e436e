import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type MarketStep, SimulatedClock } from '@perpdesk/core';
import { FeedRecorder } from '@perpdesk/data';
import { readNewestDay } from '../day-files.ts';
import { DaySource } from '../day-source.ts';
import { StepFeed, stepChannels } from '../step-feed.ts';

/** Writes the recorded feed of a data directory anew, with its steps changed. */
export async function rewriteFeed(directory: string, change: (step: MarketStep) => MarketStep): Promise<void> {
  const { files } = readNewestDay(directory);
  const source = new DaySource(files);
  const instruments = await source.instruments();
  const feed = new StepFeed(instruments);
  const clock = new SimulatedClock();
  const rewritten = join(files.path, 'rewritten');
  const recorder = new FeedRecorder({
    feed,
    subscription: { instrumentIds: instruments.map(({ id }) => id), channels: stepChannels },
    directory: rewritten,
    clock,
    flushEveryMs: 1e15,
  });
  await recorder.start();
  for await (const step of source.steps()) {
    const { observations, ...rest } = change(step);
    if (!clock.moved && clock.nowMs() === 0) clock.startAt(step.atMs);
    else await clock.advanceTo(step.atMs);
    // What was of no feed stays in its own file.
    feed.tell({ ...rest, observations });
    if (recorder.counts().pendingBytes > 1e6) await recorder.flush();
  }
  await recorder.stop();
  rmSync(files.feed, { recursive: true });
  renameSync(rewritten, files.feed);
}
