import { type Clock, ConfigError, foreignText, type MacroReading, type MacroSource, VenueError } from '@perpdesk/core';
import { boundedGet } from './bounded-get.ts';
import { type MacroFormat, readMacroContent } from './macro-content.ts';

/** Options of {@link HttpMacroSource}. */
export type HttpMacroSourceOptions = MacroFormat & {
  readonly clock: Clock;
  /** `https`; `http` only to this machine. */
  readonly url: string;
  /** The hosts that may be asked, with a port where it is not the usual one. An address elsewhere is refused. */
  readonly hosts: readonly string[];
  /** Default: the host and path. */
  readonly name?: string;
  /** What is asked with beside the conditions of an unchanged answer: a User-Agent, a key of one's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole answer. Default 10 s. */
  readonly timeoutMs?: number;
  /** A longer answer is cut off and refused. Default 4 MB. */
  readonly maxBytes?: number;
  readonly fetch?: typeof fetch;
};

const types: Readonly<Record<MacroFormat['format'], RegExp>> = {
  json: /^application\/([a-z.+-]+\+)?json\b/i,
  rss: /^(application|text)\/([a-z.+-]+\+)?xml\b/i,
  ics: /^text\/calendar\b/i,
  csv: /^text\/(csv|plain)\b/i,
};

/**
 * A calendar at an address, asked again only for what changed (ETag, Last-Modified). Redirects are refused, so that the list of
 * hosts means what it says. An answer that is not what it should be as a whole is an error; single entries are counted.
 *
 * @example
 * const source = new HttpMacroSource({
 *   clock, url: 'https://www.bls.gov/schedule/news_release/bls.ics', hosts: ['www.bls.gov'], format: 'ics',
 * });
 */
export class HttpMacroSource implements MacroSource {
  readonly name: string;
  readonly #options: HttpMacroSourceOptions;
  readonly #url: URL;
  #last: { readonly etag?: string; readonly modified?: string; readonly reading: MacroReading } | undefined;

  /** @throws ConfigError `macro.address` when the address is none, is not encrypted, or its host is not on the list. */
  constructor(options: HttpMacroSourceOptions) {
    const url = URL.parse(options.url);
    if (url === null) throw new ConfigError('macro.address', `"${foreignText(options.url, 200)}" is not an address.`);
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    if (url.protocol !== 'https:' && !(local && url.protocol === 'http:'))
      throw new ConfigError(
        'macro.address',
        `The calendar at ${url.host} must be asked over https, not ${url.protocol}`,
      );
    if (url.username !== '' || url.password !== '')
      throw new ConfigError('macro.address', `The address at ${url.host} holds a password; pass it as a header.`);
    if (!options.hosts.includes(url.host))
      throw new ConfigError('macro.address', `${url.host} is not among the hosts that may be asked; add it to hosts.`);
    this.name = options.name ?? foreignText(`${url.host}${url.pathname}`, 200);
    this.#options = options;
    this.#url = url;
  }

  async fetch(options: { readonly signal?: AbortSignal } = {}): Promise<MacroReading> {
    const { format, clock, headers = {}, timeoutMs = 10_000, maxBytes = 4_000_000 } = this.#options;
    const last = this.#last;
    const answer = await boundedGet(this.#url, {
      clock,
      timeoutMs,
      maxBytes,
      contentType: types[format],
      headers: {
        ...headers,
        ...(last?.etag === undefined ? {} : { 'If-None-Match': last.etag }),
        ...(last?.modified === undefined ? {} : { 'If-Modified-Since': last.modified }),
      },
      fetch: this.#options.fetch ?? fetch,
      ...options,
    });
    if (answer === 'unchanged') {
      if (last !== undefined) return { ...last.reading, unchanged: true };
      throw new VenueError('macro.answer', `${this.#url.host} says nothing changed before it was ever asked.`);
    }
    let reading: MacroReading;
    try {
      reading = { ...readMacroContent(answer.content, this.#options, this.name), unchanged: false };
    } catch (cause) {
      const why = foreignText((cause as Error).message, 200);
      throw new VenueError('macro.content', `What ${this.#url.host} answers is no ${format}: ${why}.`, { cause });
    }
    this.#last = {
      reading,
      ...(answer.etag === undefined ? {} : { etag: answer.etag }),
      ...(answer.modified === undefined ? {} : { modified: answer.modified }),
    };
    return reading;
  }
}
