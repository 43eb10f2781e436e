import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as the server got it. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a server goes about one request. */
export type ScriptedAnswer =
  | { readonly json: unknown; readonly status?: number }
  | { readonly text: string; readonly status?: number }
  /** The connection is cut: before anything, or in the middle of the body. */
  | { readonly cut: 'before' | 'inside' }
  /** Nothing ever comes. */
  | { readonly silent: true };

/** A venue's server that answers by a script and remembers every byte it was sent. Sockets are handed to `onSocket`. */
export class AnswerServer {
  readonly seen: SeenRequest[] = [];
  readonly sockets = new Set<WebSocket>();
  readonly frames: { readonly path: string; readonly frame: unknown }[] = [];
  answer: (request: SeenRequest) => ScriptedAnswer = () => ({ json: {}, status: 404 });
  onFrame: (frame: unknown, socket: WebSocket) => void = () => {};
  onSocket: (path: string, socket: WebSocket) => void = () => {};
  readonly #http: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  #awaited: { readonly wanted: (request: SeenRequest) => boolean; readonly found: () => void }[] = [];

  constructor() {
    this.#http = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://local');
        const { method = '', headers } = request;
        const one = { method, path: pathname, query: Object.fromEntries(searchParams), headers, body };
        this.seen.push(one);
        const answer = this.answer(one);
        for (const each of this.#awaited.filter(({ wanted }) => wanted(one))) each.found();
        if ('silent' in answer) return;
        if ('cut' in answer) {
          if (answer.cut === 'before') request.socket.destroy();
          else {
            response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
            response.write('{"status":"ok"', () => request.socket.destroy());
          }
          return;
        }
        const text = 'text' in answer ? answer.text : JSON.stringify(answer.json);
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
        response.end(text);
      });
    });
    this.#http.on('upgrade', (request, socket, head) => {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const path = new URL(request.url ?? '', 'http://local').pathname;
        this.sockets.add(webSocket);
        webSocket.on('close', () => this.sockets.delete(webSocket));
        webSocket.on('message', (data) => {
          const frame: unknown = JSON.parse(String(data));
          this.frames.push({ path, frame });
          this.onFrame(frame, webSocket);
        });
        this.onSocket(path, webSocket);
      });
    });
  }

  async start(): Promise<{ readonly http: string; readonly ws: string }> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    const { port } = this.#http.address() as AddressInfo;
    return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
  }

  /** Resolves when a request like this has come. */
  until(wanted: (request: SeenRequest) => boolean): Promise<void> {
    if (this.seen.some(wanted)) return Promise.resolve();
    return new Promise((found) => {
      this.#awaited.push({ wanted, found });
    });
  }

  /** Sends a frame to every socket. */
  tell(frame: unknown): void {
    for (const socket of this.sockets) socket.send(JSON.stringify(frame));
  }

  /** Cuts every socket without a word. */
  cutSockets(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cutSockets();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    this.#awaited = [];
  }
}
