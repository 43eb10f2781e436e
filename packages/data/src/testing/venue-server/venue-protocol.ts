/** What a client asks over HTTP. */
export interface VenueRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** What a socket's message led to. */
export interface VenueHearing {
  /** Said at once to the one who sent it. */
  readonly replies: readonly string[];
  /** Streams that this socket hears from now on. */
  readonly opened: readonly string[];
  /** Streams that it hears no more. */
  readonly closed: readonly string[];
}

/** How one venue talks: enough of it for the real clients. */
export interface VenueProtocol {
  /** The body of an answer, or undefined for 404. */
  answer(request: VenueRequest): unknown;
  hear(message: string): VenueHearing;
  /** What a socket is told first when it opens a stream, such as a whole book. */
  greet?(stream: string): readonly string[];
}

/** Nothing to say and nothing opened. */
export const unheard: VenueHearing = { replies: [], opened: [], closed: [] };
