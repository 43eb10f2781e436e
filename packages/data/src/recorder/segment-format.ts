import { crc32 } from 'node:zlib';
import { type FeedChannel, type FeedUpdate, type InstrumentId, instrumentSchema } from '@perpdesk/core';
import * as z from 'zod';
import { applyPatches, type ExactPatch, patchesOf } from './exact-json.ts';

/** One thing a feed said, and when it was heard. */
export interface RecordedUpdate {
  /** The recorder's clock, ms UTC. */
  readonly atMs: number;
  readonly update: FeedUpdate;
  /** Of a gap that the recorder itself made: how many updates it had to leave out. */
  readonly lost?: number;
}

/** The version of the format that is written. */
export const recordingVersion = 1;

const channelSchema = z.enum(['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations']);

/** What a segment begins with. */
export const segmentHeaderSchema = z.object({
  format: z.literal('perpdesk.recording'),
  version: z.literal(recordingVersion),
  /** Its place in the folder, from 1. */
  segment: z.int().positive(),
  /** True when nothing lies between the segment before it and this one: the same run of a recorder wrote both. */
  continues: z.boolean(),
  venue: z.string(),
  instruments: z.array(instrumentSchema),
  channels: z.array(channelSchema),
  /** When it was opened, ms UTC: its first update came at this instant or later. */
  openedAtMs: z.int(),
});
export type SegmentHeader = z.infer<typeof segmentHeaderSchema>;

/** What a segment that was closed in order ends with. */
export const segmentFooterSchema = z.object({
  sealed: z.literal(true),
  /** The instants of its first and last update, ms UTC. */
  firstAtMs: z.int(),
  lastAtMs: z.int(),
  updates: z.int().nonnegative(),
  /** How many updates the recorder had to leave out. */
  lost: z.int().nonnegative(),
  /** SHA-256 over the text of its update lines, hexadecimal. */
  sha256: z.string().length(64),
});
export type SegmentFooter = z.infer<typeof segmentFooterSchema>;

/** What the index says of a sealed segment. */
export const segmentSummarySchema = z.object({
  ...segmentHeaderSchema.omit({ format: true, version: true, instruments: true }).shape,
  ...segmentFooterSchema.omit({ sealed: true }).shape,
  file: z.string(),
  instrumentIds: z.array(z.string()),
  bytes: z.int().positive(),
});
export type SegmentSummary = z.infer<typeof segmentSummarySchema>;

export const indexFile = 'index.jsonl';
export const segmentFile = (segment: number): string => `segment-${String(segment).padStart(6, '0')}.jsonl.gz`;
/** The number in a segment's file name, or undefined for another file. */
export const segmentNumber = (file: string): number | undefined => {
  const digits = /^segment-(\d{6,})\.jsonl\.gz$/.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** A line of text that proves itself: CRC-32 of what follows, in hexadecimal, a space, and JSON. */
export function sealLine(json: string): string {
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** The JSON of a line without its end, or undefined when it does not check. */
export function openLine(line: string): string | undefined {
  const json = line.slice(9);
  return line[8] === ' ' && line.slice(0, 8) === crc32(json).toString(16).padStart(8, '0') ? json : undefined;
}

export function encodeUpdate({ atMs, update, lost }: RecordedUpdate): string {
  const exact = patchesOf(update);
  return sealLine(JSON.stringify({ atMs, update, lost, exact }));
}

/**
 * The update of a line that checks.
 * @throws TypeError when it is none.
 */
export function decodeUpdate(json: string): RecordedUpdate {
  const { exact, ...recorded } = JSON.parse(json) as RecordedUpdate & { readonly exact?: readonly ExactPatch[] };
  if (!Number.isInteger(recorded.atMs) || typeof recorded.update?.kind !== 'string') {
    throw new TypeError('The line is no update.');
  }
  if (exact !== undefined) applyPatches(recorded.update, exact);
  return recorded;
}

/** The stream an update belongs to. */
export function streamOf(update: FeedUpdate): { readonly instrumentId: InstrumentId; readonly channel: FeedChannel } {
  switch (update.kind) {
    case 'trade':
      return { instrumentId: update.trade.instrumentId, channel: 'trades' };
    case 'book':
      return { instrumentId: update.book.instrumentId, channel: 'book' };
    case 'book-delta':
      return { instrumentId: update.delta.instrumentId, channel: 'book' };
    case 'candle':
      return { instrumentId: update.candle.instrumentId, channel: 'candles' };
    case 'ticker':
      return { instrumentId: update.ticker.instrumentId, channel: 'ticker' };
    case 'funding':
      return { instrumentId: update.funding.instrumentId, channel: 'funding' };
    case 'open-interest':
      return { instrumentId: update.openInterest.instrumentId, channel: 'open-interest' };
    case 'liquidation':
      return { instrumentId: update.liquidation.instrumentId, channel: 'liquidations' };
    case 'gap':
      return update.gap;
    case 'status':
      return update.status;
  }
}
