import { type Citation, foreignText } from '@perpdesk/core';
import { maskCredentials } from '../../model/journal/mask-credentials.ts';

/** One thing that an answer may say, made by code from the desk's state. */
export interface Fact {
  /** `f1`, `f2`, …: what a model cites it by. */
  readonly id: string;
  /** Whose it is. */
  readonly agent: string;
  /** A sentence or a few; every number in it is from the state. */
  readonly text: string;
  /** What must be said beside it, whoever words the answer: that it is old. */
  readonly caveat?: string;
  /** Prose that a model or an outsider wrote, cleaned and capped: shown as a quote, never a fact. */
  readonly quote?: string;
  readonly citations: readonly Citation[];
}

/** A fact before it has its id. */
export type FactDraft = Omit<Fact, 'id'>;

/** The most facts that one answer rests on. */
const most = 24;

/** Gives facts their ids, in order. */
export const numbered = (drafts: readonly FactDraft[]): readonly Fact[] =>
  drafts.slice(0, most).map((draft, index) => ({ id: `f${index + 1}`, ...draft }));

const longestProse = 4_000;

/** What leads away from the desk: an address with its scheme, or a name of a host under a common domain. */
const links =
  /\b(?:https?:\/\/|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|xyz|app|dev|ru|cn|top|site|link|me|co)\b\S*/gi;

/** Prose of others, as a fact quotes it: what looks like a credential is masked before it is cut, and no link of theirs is passed on. */
export const quoted = (text: string, longest = 400): string =>
  foreignText(maskCredentials(foreignText(text, longestProse)).replace(links, '[link]'), longest).replace(
    /["“”]/g,
    "'",
  );

/** A name from configuration or a venue, short enough for a sentence. */
export const named = (text: string): string => foreignText(text, 60);
