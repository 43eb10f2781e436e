/** A request of `/info` as it came: `type` says what is asked. */
export type InfoRequest = Readonly<Record<string, unknown>>;

/** The address a request names, in lower case; undefined when it is none. */
export function addressIn(request: InfoRequest, field = 'user'): string | undefined {
  const value = request[field];
  return typeof value === 'string' && /^0x[0-9a-f]{40}$/i.test(value) ? value.toLowerCase() : undefined;
}

/** A number a request names, or the default. */
export function numberIn(request: InfoRequest, field: string, otherwise: number): number {
  const value = request[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** True when a request names another exchange than the main one: a builder's, of which there are none here. */
export const otherDex = (request: InfoRequest): boolean => typeof request.dex === 'string' && request.dex !== '';

/** Answers one kind of request; undefined when the request can not be read. */
export type InfoHandler = (request: InfoRequest) => unknown;
