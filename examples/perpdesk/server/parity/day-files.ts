import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { autonomySchema, ConfigError, tierSchema } from '@perpdesk/core';
import * as z from 'zod';
import { liveVenues } from '../options.ts';

/** What a recorded run was started with, and when it ended: what a replay of it needs besides the feed. */
const daySettingsSchema = z.object({
  format: z.literal('perpdesk.day'),
  version: z.literal(1),
  source: z.enum(['live', 'replay', 'simulated']),
  venues: z.array(z.enum(liveVenues)),
  seed: z.string(),
  tier: tierSchema,
  autonomy: autonomySchema,
  rearm: z.boolean(),
  /** The journal's last position before the run. */
  afterPosition: z.int().nonnegative(),
  /** The desk's clock when the run ended in order, ms UTC. */
  endedAtMs: z.int().optional(),
});
export type DaySettings = z.infer<typeof daySettingsSchema>;

/** The files of a recorded run, in a folder of the desk's data directory. */
export interface DayFiles {
  readonly path: string;
  /** Segments of the feed, as FeedRecorder writes them. */
  readonly feed: string;
  /** Bars and derivatives from before the first step. */
  readonly beginning: string;
  /** Economic dates and figures, which are of no venue's feed. */
  readonly macro: string;
  /** What the user did. */
  readonly acts: string;
  /** The databases as they stood before the run; not there when the desk was new. */
  readonly start: string;
}

const settingsFile = 'day.json';
const recordings = (directory: string): string => join(directory, 'recording');

const filesAt = (path: string): DayFiles => ({
  path,
  feed: join(path, 'feed'),
  beginning: join(path, 'beginning.jsonl.gz'),
  macro: join(path, 'macro.jsonl'),
  acts: join(path, 'acts.jsonl'),
  start: join(path, 'start'),
});

/** Makes the folder of a new recording below a data directory: `recording/0001`, then `0002`, … */
export function makeDayFiles(directory: string): DayFiles {
  const last = daysOf(directory).at(-1) ?? '0';
  const path = join(recordings(directory), String(Number(last) + 1).padStart(4, '0'));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return filesAt(path);
}

export function writeDaySettings(files: DayFiles, settings: DaySettings): void {
  writeFileSync(join(files.path, settingsFile), `${JSON.stringify(settings, null, 2)}\n`);
}

/**
 * The newest recorded run of a data directory.
 * @throws ConfigError `parity.no-recording` when there is none, `parity.unreadable` when its settings are damaged.
 */
export function readNewestDay(directory: string): { readonly files: DayFiles; readonly settings: DaySettings } {
  const name = daysOf(directory)
    .filter((day) => existsSync(join(recordings(directory), day, settingsFile)))
    .at(-1);
  if (name === undefined)
    throw new ConfigError(
      'parity.no-recording',
      `${directory} holds no recorded run: start the desk with --record, and give --parity its data directory.`,
    );
  const files = filesAt(join(recordings(directory), name));
  try {
    return {
      files,
      settings: daySettingsSchema.parse(JSON.parse(readFileSync(join(files.path, settingsFile), 'utf8'))),
    };
  } catch (cause) {
    throw new ConfigError('parity.unreadable', `${join(files.path, settingsFile)} is damaged.`, { cause });
  }
}

const daysOf = (directory: string): readonly string[] =>
  existsSync(recordings(directory))
    ? readdirSync(recordings(directory))
        .filter((name) => /^\d{4,}$/.test(name))
        .sort()
    : [];
