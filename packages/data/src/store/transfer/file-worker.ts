// The thread of a FileWriter: encodes what it is given and writes it to a file, one request after another. It starts with
// every export: it loads nothing but the library of its format.
import { parentPort, workerData } from 'node:worker_threads';
import type { FileSink } from './file-sink.ts';
import type { FileAnswer, FileRequest, FileThread } from './file-writer.ts';

const { format, path, columns } = workerData as FileThread;

const opened: Promise<FileSink> =
  format === 'csv'
    ? import('./csv-sink.ts').then(({ csvSink }) => csvSink(path, columns))
    : import('./parquet-sink.ts').then(({ parquetSink }) => parquetSink(path, columns));
// Whoever asks first hears of it.
opened.catch(() => {});

async function answer({ rows }: FileRequest): Promise<FileAnswer> {
  try {
    const sink = await opened;
    await (rows === undefined ? sink.close() : sink.write(rows));
    return {};
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
    return { failure: { message: error instanceof Error ? error.message : String(error), ...code } };
  }
}

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: FileRequest) => {
  last = last.then(async () => parentPort?.postMessage(await answer(request)));
});
