import { open, readFile } from 'node:fs/promises';
import { StoreError } from '../../errors/store-error.ts';
import { type AuditCheckpoint, auditCheckpointSchema, type CheckpointSink } from './audit-checkpoint.ts';

/** Keeps checkpoints in a file, one JSON line each, on disk (fsync) before `write` resolves. Put it where the database is not. */
export class FileCheckpointSink implements CheckpointSink {
  readonly #path: string;

  constructor(options: { readonly path: string }) {
    this.#path = options.path;
  }

  async write(checkpoint: AuditCheckpoint): Promise<void> {
    try {
      const file = await open(this.#path, 'a+', 0o600);
      try {
        // A line that a crash cut short was never acknowledged: it goes before the next.
        const { whole, length } = wholeLines(await file.readFile());
        if (whole < length) await file.truncate(whole);
        await file.appendFile(`${JSON.stringify(checkpoint)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new StoreError('audit.checkpoint-failed', `The checkpoint file ${this.#path} can not be written.`, {
        cause,
        retryable: true,
      });
    }
  }

  async read(): Promise<readonly AuditCheckpoint[]> {
    const content = await this.#content();
    const lines = content.subarray(0, wholeLines(content).whole).toString('utf8').split('\n').slice(0, -1);
    return lines.map((line, index) => {
      const checkpoint = parse(line);
      if (checkpoint !== undefined) return checkpoint;
      throw new StoreError(
        'audit.checkpoint-unreadable',
        `Line ${index + 1} of the checkpoint file ${this.#path} is no checkpoint.`,
      );
    });
  }

  async #content(): Promise<Buffer> {
    try {
      return await readFile(this.#path);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return Buffer.alloc(0);
      throw new StoreError('audit.checkpoint-unreadable', `The checkpoint file ${this.#path} can not be read.`, {
        cause,
      });
    }
  }
}

function wholeLines(content: Buffer): { readonly whole: number; readonly length: number } {
  return { whole: content.lastIndexOf(0x0a) + 1, length: content.length };
}

function parse(line: string): AuditCheckpoint | undefined {
  try {
    return auditCheckpointSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // No JSON: no checkpoint.
    return undefined;
  }
}
