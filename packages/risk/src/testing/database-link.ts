import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way of one process to a PostgreSQL server on this machine, which a test can cut, freeze and mend. */
export class DatabaseLink {
  /** The database by this way. */
  readonly url: string;
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #frozen = false;

  private constructor(url: string, server: Server) {
    this.#target = new URL(url);
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    const through = new URL(url);
    through.host = `127.0.0.1:${this.#port}`;
    this.url = through.href;
    server.on('connection', (client) => this.#carry(client));
  }

  static async open(url: string): Promise<DatabaseLink> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DatabaseLink(url, server);
  }

  /** Ends every connection without a word; new ones are refused. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await closed;
  }

  /** Keeps every connection, takes new ones, and carries nothing any more. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** Carries again, at the same address. */
  async mend(): Promise<void> {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.resume();
    if (!this.#server.listening)
      await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
  }

  #carry(client: Socket): void {
    const server = connect(Number(this.#target.port || 5432), this.#target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#frozen) from.pause();
    }
  }
}
