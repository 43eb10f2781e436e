/** What a request gets: a status and JSON, or a plain text where the venue answers with one. */
export interface WireAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: 'application/json' | 'text/plain';
}

/** A JSON answer. */
export const jsonAnswer = (value: unknown, status = 200): WireAnswer => ({
  status,
  body: JSON.stringify(value),
  contentType: 'application/json',
});

/** The venue's answer to what it can not read. */
export const unreadable: WireAnswer = {
  status: 422,
  body: 'Failed to deserialize the JSON body into the target type',
  contentType: 'text/plain',
};

/** The venue's answer above its limits. */
export const tooManyRequests: WireAnswer = jsonAnswer(null, 429);

/** An action that was done: `data` where the action has one. */
export const done = (type = 'default', data?: unknown): WireAnswer =>
  jsonAnswer({ status: 'ok', response: { type, ...(data === undefined ? {} : { data }) } });

/** An action refused as a whole, in the venue's words. */
export const refused = (message: string): WireAnswer => jsonAnswer({ status: 'err', response: message });
