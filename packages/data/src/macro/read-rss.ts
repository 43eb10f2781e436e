import { foreignText } from '@perpdesk/core';
import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';
import { capped } from './too-many-entries.ts';

/** An entry of a feed. All texts are foreign: cleaned and capped, never trusted. */
export interface FeedItem {
  readonly title: string;
  readonly summary: string;
  readonly link: string;
  /** As the feed says it, ms UTC; undefined where it does not or what it says is no date. */
  readonly publishedAtMs: number | undefined;
}

const parser = new XMLParser({
  // An entity could stand for a gigabyte: none is replaced, and a document type is refused before parsing.
  processEntities: false,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: true,
  maxNestedTags: 20,
  isArray: (name) => name === 'item' || name === 'entry' || name === 'link',
});

const node = z.union([z.string(), z.object({ '#text': z.string() }).transform((value) => value['#text'])]);
const maybe = node.optional().catch(undefined);
const linkNode = z.union([z.string(), z.object({ '@href': z.string() }).transform((value) => value['@href']), node]);
const itemSchema = z.object({
  title: maybe,
  description: maybe,
  summary: maybe,
  link: z.array(linkNode).optional().catch(undefined),
  pubDate: maybe,
  published: maybe,
  updated: maybe,
});
const feedSchema = z.union([
  z.object({ rss: z.object({ channel: z.object({ item: z.array(z.unknown()).default([]) }) }) }),
  z.object({ feed: z.object({ entry: z.array(z.unknown()).default([]) }) }),
]);

/**
 * The entries of an RSS 2.0 or Atom feed; one that is not an entry comes back without texts.
 * @throws Error when it is neither, has a document type, or is nested deeper than feeds are.
 */
export function readFeed(content: string): readonly FeedItem[] {
  if (/<!(DOCTYPE|ENTITY)/i.test(content)) throw new Error('it has a document type, which a feed needs not');
  const feed = feedSchema.safeParse(parser.parse(content));
  if (!feed.success) throw new Error('it is neither RSS 2.0 nor Atom');
  return capped('rss' in feed.data ? feed.data.rss.channel.item : feed.data.feed.entry).map(readItem);
}

function readItem(item: unknown): FeedItem {
  const { data } = itemSchema.safeParse(item);
  const published = Date.parse(data?.pubDate ?? data?.published ?? data?.updated ?? '');
  return {
    title: foreignText(data?.title ?? '', 200),
    summary: foreignText(data?.description ?? data?.summary ?? '', 1000),
    link: foreignText(data?.link?.[0] ?? '', 500),
    publishedAtMs: Number.isFinite(published) ? published : undefined,
  };
}
