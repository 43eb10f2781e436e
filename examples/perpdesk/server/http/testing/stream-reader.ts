import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** A message of a stream as a browser takes it: whole or not at all. */
export interface StreamMessage {
  readonly id: number | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
  /** How long a browser is told to wait before it comes back, in ms. */
  readonly retry?: string;
}

/** Reads a stream over a real socket, as EventSource would. */
export class StreamReader {
  readonly messages: StreamMessage[] = [];
  readonly comments: string[] = [];
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  #text = '';
  #wake = (): void => {};
  #ended = false;
  /** Cuts the line after this many more bytes. */
  #cutAfter = Number.POSITIVE_INFINITY;

  constructor(url: string, options: { readonly lastEventId?: number; readonly cutAfterBytes?: number } = {}) {
    this.#cutAfter = options.cutAfterBytes ?? Number.POSITIVE_INFINITY;
    const headers = options.lastEventId === undefined ? {} : { 'Last-Event-ID': String(options.lastEventId) };
    this.#request = get(url, { headers, agent: false }, (response) => {
      this.#response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('error', () => this.#end());
      response.on('close', () => this.#end());
      this.#wake();
    });
    this.#request.on('error', () => this.#end());
  }

  /** The answer's head, once it is there. */
  async head(): Promise<IncomingMessage> {
    await this.#until(() => this.#response !== undefined || this.#ended);
    if (this.#response === undefined) throw new Error('The stream was not opened.');
    return this.#response;
  }

  /** Waits until enough came, or the line broke. */
  async until(enough: (messages: readonly StreamMessage[]) => boolean): Promise<readonly StreamMessage[]> {
    await this.#until(() => this.#ended || enough(this.messages));
    return this.messages;
  }

  of(event: string): readonly StreamMessage[] {
    return this.messages.filter((message) => message.event === event);
  }

  get ended(): boolean {
    return this.#ended;
  }

  async pause(): Promise<void> {
    (await this.head()).pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  close(): void {
    this.#request.destroy();
    this.#end();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(text: string): void {
    if (this.#ended) return;
    const kept = text.slice(0, this.#cutAfter);
    this.#cutAfter -= text.length;
    this.#text += kept;
    const parts = this.#text.split('\n\n');
    this.#text = parts.pop() ?? '';
    for (const part of parts) this.#read(part);
    if (this.#cutAfter <= 0) this.close();
    this.#wake();
  }

  #read(part: string): void {
    if (part.startsWith(':')) {
      this.comments.push(part);
      return;
    }
    const fields = new Map(
      part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    const id = fields.get('id');
    const data: Record<string, unknown> = JSON.parse(fields.get('data') ?? '{}');
    const retry = fields.get('retry');
    this.messages.push({
      id: id === undefined ? undefined : Number(id),
      event: fields.get('event') ?? 'message',
      data,
      ...(retry === undefined ? {} : { retry }),
    });
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
