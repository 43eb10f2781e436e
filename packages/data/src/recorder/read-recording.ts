import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FeedChannel, type FeedGapReason, type Instrument, type InstrumentId, StoreError } from '@perpdesk/core';
import { readSegment, readSegmentHeader, type SegmentPart } from './read-segment.ts';
import { RecordingReporter } from './recording-report.ts';
import { type RecordedUpdate, type SegmentHeader, segmentNumber } from './segment-format.ts';

/** What a recording is of, over all its segments. */
export interface RecordingContents {
  readonly venue: string;
  readonly instruments: readonly Instrument[];
  readonly channels: readonly FeedChannel[];
}

interface NumberedSegment {
  readonly name: string;
  readonly path: string;
  readonly number: number;
}

/**
 * What a folder of segments holds, from their headers. An instrument's newest definition counts.
 * @throws StoreError `recording.missing` when there is no folder, `recording.empty` when no segment in it has a header,
 * `recording.venues` when they are of several venues.
 */
export async function recordingContents(directory: string): Promise<RecordingContents> {
  const instruments = new Map<InstrumentId, Instrument>();
  const channels = new Set<FeedChannel>();
  let venue: string | undefined;
  for (const segment of await segmentsOf(directory)) {
    const header = await readSegmentHeader(segment);
    if (header === undefined) continue;
    venue ??= header.venue;
    if (header.venue !== venue) {
      throw new StoreError(
        'recording.venues',
        `${directory} holds recordings of ${venue} and ${header.venue}; put each venue into a folder of its own.`,
      );
    }
    for (const instrument of header.instruments) instruments.set(instrument.id, instrument);
    for (const channel of header.channels) channels.add(channel);
  }
  if (venue === undefined) throw empty(directory);
  return { venue, instruments: [...instruments.values()], channels: [...channels] };
}

/**
 * Everything recorded in a folder, exactly and in order, a batch at a time. Where something is missing between two updates (a
 * new run of the recorder, a segment that is gone, a part that is damaged) a gap of every stream is told first.
 * @throws StoreError as {@link recordingContents} and for a segment that can not be read.
 */
export async function* readRecording(
  directory: string,
  options: { readonly reporter?: RecordingReporter; readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly RecordedUpdate[]> {
  const { reporter = new RecordingReporter(), signal } = options;
  const seam = new Seam();
  for (const segment of await segmentsOf(directory)) {
    const cutBefore = reporter.build().cutOff.length;
    seam.enter(segment.number);
    for await (const part of readSegment(segment, reporter)) {
      signal?.throwIfAborted();
      const updates = seam.join(part);
      if (updates.length === 0) continue;
      reporter.updates += part.kind === 'updates' ? part.updates.length : 0;
      for (const { lost = 0 } of updates) reporter.lost += lost;
      yield updates;
    }
    if (reporter.build().cutOff.length > cutBefore) seam.break('disconnected');
  }
}

/** Joins segments: knows what is missing between two updates, and tells it as a gap of every stream known by then. */
class Seam {
  #header: SegmentHeader | undefined;
  #number: number | undefined;
  #lastAtMs: number | undefined;
  #missing: FeedGapReason | undefined;

  /** A segment begins. */
  enter(number: number): void {
    if (this.#number !== undefined && number !== this.#number + 1) this.break('invalid');
    this.#number = number;
  }

  break(reason: FeedGapReason): void {
    this.#missing ??= reason;
  }

  join(part: SegmentPart): readonly RecordedUpdate[] {
    if (part.kind === 'hole') this.break('invalid');
    if (part.kind === 'header') {
      const before = this.#header;
      if (before !== undefined && !part.header.continues) this.break('disconnected');
      const gaps = before === undefined ? [] : this.#gaps(before, part.header.openedAtMs);
      this.#header = part.header;
      return gaps;
    }
    if (part.kind === 'hole') return [];
    const gaps = this.#header === undefined ? [] : this.#gaps(this.#header, part.updates[0]?.atMs ?? 0);
    this.#lastAtMs = part.updates.at(-1)?.atMs ?? this.#lastAtMs;
    return gaps.length === 0 ? part.updates : [...gaps, ...part.updates];
  }

  #gaps({ instruments, channels, openedAtMs }: SegmentHeader, atMs: number): RecordedUpdate[] {
    const reason = this.#missing;
    if (reason === undefined) return [];
    this.#missing = undefined;
    const fromMs = Math.min(this.#lastAtMs ?? openedAtMs, atMs);
    return instruments.flatMap(({ id }) =>
      channels.map((channel) => {
        const gap = { instrumentId: id, channel, reason, fromMs, toMs: atMs, filled: false };
        return { atMs, update: { kind: 'gap', gap } as const };
      }),
    );
  }
}

async function segmentsOf(directory: string): Promise<NumberedSegment[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    throw new StoreError('recording.missing', `The recording ${directory} is not there.`, { cause });
  }
  const segments = names.flatMap((name) => {
    const number = segmentNumber(name);
    return number === undefined ? [] : [{ name, number, path: join(directory, name) }];
  });
  if (segments.length === 0) throw empty(directory);
  return segments.sort((a, b) => a.number - b.number);
}

const empty = (directory: string): StoreError =>
  new StoreError('recording.empty', `${directory} holds no segment of a recording.`);
