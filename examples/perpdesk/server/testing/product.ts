import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Tests that are killed do not leave desks behind at full speed. */
const endWithParent = new URL('../../../../scripts/bootstrap/end-with-parent.mjs', import.meta.url).href;

/** How a run of the product ended. */
export interface Ended {
  /** Absent when a signal ended it. */
  readonly code: number | undefined;
  readonly out: string;
  readonly error: string;
}

/** The product in a process of its own, as a user starts it, in an empty folder and without the caller's environment. */
export class Product {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #out = '';
  #error = '';

  constructor(
    args: readonly string[],
    options: {
      readonly cwd: string;
      readonly environment?: Readonly<Record<string, string>>;
      /** What it is given on standard input. Default: nothing. */
      readonly input?: string;
    },
  ) {
    const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
    this.#child = spawn(process.execPath, ['--conditions=@perpdesk/source', '--import', endWithParent, main, ...args], {
      cwd: options.cwd,
      env: { PATH, HOME, NODE_COMPILE_CACHE, TMPDIR: options.cwd, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin?.end(options.input ?? '');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      for (const look of this.#waiting) look();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#error += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        for (const look of this.#waiting) look();
        resolve({ code: code ?? undefined, out: this.#out, error: this.#error });
      });
    });
  }

  /** Resolves with the first line of the log that holds a text; rejects when the product ends without one. */
  logged(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.#out.split('\n').find((candidate) => candidate.includes(text));
        if (line !== undefined) resolve(line);
        else if (this.#child.exitCode !== null) reject(new Error(`It ended and never said ${text}:\n${this.#error}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** What it said first on standard output. */
  firstLine(): string {
    return this.#out.split('\n')[0] ?? '';
  }

  /** Sends a signal and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** A temporary folder whose products are ended and whose files are removed with it. */
export class Workplace {
  readonly path: string = mkdtempSync(join(tmpdir(), 'perpdesk-test-'));
  readonly #products: Product[] = [];

  file(name: string): string {
    return join(this.path, name);
  }

  /** Starts the product here. */
  start(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = ''): Product {
    const product = new Product(args, { cwd: this.path, environment, input });
    this.#products.push(product);
    return product;
  }

  /** Runs the product here to its end. */
  run(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = ''): Promise<Ended> {
    return this.start(args, environment, input).ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#products.map((product) => product.end('SIGKILL')));
    rmSync(this.path, { recursive: true, force: true });
  }
}
