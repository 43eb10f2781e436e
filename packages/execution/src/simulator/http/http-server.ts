import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Delivery } from '../faults/faulty-answer.ts';
import type { SocketWire } from '../socket/socket-session.ts';

/** What a server serves. */
export interface ServedExchange {
  /** Answers `POST /info` and `POST /exchange`. */
  post(path: string, body: string, remote: string): Promise<Delivery>;
  /** Opens a session; undefined when the address has too many. */
  open(wire: SocketWire, remote: string): { receive(text: string): void; ended(): void } | undefined;
}

/** The longest body read. */
const bodyLimit = 1 << 20;

/** The exchange on a port of this machine: HTTP and WebSocket. */
export class ExchangeServer {
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor(exchange: ServedExchange) {
    this.#http = createServer((request, response) => void serve(exchange, request, response));
    this.#http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (request.url?.split('?')[0] !== '/ws') {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        const session = exchange.open(
          {
            send: (text) => client.send(text),
            close: (code, reason) => client.close(code, reason),
            terminate: () => client.terminate(),
          },
          remoteOf(request),
        );
        if (session === undefined) {
          client.close(1008, 'Too many connections');
          return;
        }
        client.on('message', (data) => session.receive(String(data)));
        client.on('error', () => client.terminate());
        client.on('close', () => session.ended());
      });
    });
  }

  /** Listens on the loopback address. @returns The port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve((this.#http.address() as AddressInfo).port);
      });
    });
  }

  /** Ends every connection and frees the port. */
  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }
}

const remoteOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? 'unknown';

async function serve(exchange: ServedExchange, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const body = await read(request);
  if (body === undefined) return void response.writeHead(413).end();
  const path = request.url?.split('?')[0] ?? '/';
  deliver(await exchange.post(path, body, remoteOf(request)), response);
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function deliver({ answer, manner }: Delivery, response: ServerResponse): void {
  const { socket } = response;
  if (manner === 'never') return void socket?.destroy();
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { 'content-type': answer.contentType, 'content-length': body.length });
  if (manner === 'reset-mid-body') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => socket?.resetAndDestroy());
    return;
  }
  response.end(body, () => {
    if (manner !== 'twice' || socket === null || socket.destroyed) return;
    socket.end(
      `HTTP/1.1 ${answer.status} OK\r\ncontent-type: ${answer.contentType}\r\ncontent-length: ${body.length}\r\n\r\n${answer.body}`,
    );
  });
}
