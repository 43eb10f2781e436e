/**
 * What a proxy does to a connection.
 * - `cut`: ends it at once, before anything is forwarded (HTTP: before the request).
 * - `cut-after`: forwards, and ends it instead of passing the answer on.
 * - `half-open`: keeps it and passes nothing any more, either way.
 * - `delay`: passes on after `delayMs`.
 * - `drip`: passes on byte by byte, `delayMs` apart.
 * - `duplicate`: passes a message on twice.
 * - `reorder`: passes a message on after the next one (of a socket).
 * - `corrupt`: changes a byte of a message.
 * - `server-error`: forwards, and answers 502 instead of passing the answer on (of HTTP).
 */
export const proxyFaultKinds = [
  'cut',
  'cut-after',
  'half-open',
  'delay',
  'drip',
  'duplicate',
  'reorder',
  'corrupt',
  'server-error',
] as const;
export type ProxyFaultKind = (typeof proxyFaultKinds)[number];

/** When a proxy does what. */
export interface ProxyRule {
  readonly kind: ProxyFaultKind;
  /** Default: both. */
  readonly on?: 'http' | 'socket';
  /** Which way, on sockets. Default `to-client`. */
  readonly direction?: 'to-client' | 'to-venue';
  /** Only what the text of the request or message holds, such as `"type":"order"`. Sockets: only unmasked ones, to the client. */
  readonly containing?: string;
  /** 0 to 1. Default 1. */
  readonly probability?: number;
  /** Default without end. */
  readonly times?: number;
  /** Lets so many pass first. Default 0. */
  readonly skip?: number;
  /** Default 100 for `delay`, 1 for `drip`. */
  readonly delayMs?: number;
}

/** What a proxy could strike. */
export interface ProxyOccasion {
  readonly on: 'http' | 'socket';
  readonly direction: 'to-client' | 'to-venue';
  readonly text: string;
}
