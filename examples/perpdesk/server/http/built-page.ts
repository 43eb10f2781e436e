import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpProblem } from './problem.ts';

/** Where Vite puts the page. */
export const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url));

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** A file of the built page; undefined where there is none. A path without an extension is the page itself. */
export async function readPage(directory: string, path: string): Promise<Response | undefined> {
  const isPage = extname(path) === '';
  const file = fileOf(directory, isPage ? '/index.html' : path);
  const bytes = file === undefined ? undefined : await readIfThere(file);
  if (file === undefined || bytes === undefined) {
    if (isPage) throw new HttpProblem(404, 'page.missing', 'The page is not built: run pnpm build:web.');
    return undefined;
  }
  return new Response(new Uint8Array(bytes), {
    headers: {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      // Names below /assets/ change with their content.
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  });
}

/** The file of a path as it came over the wire; undefined when it is malformed or leads out of the directory. */
function fileOf(directory: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
  if (decoded.includes('\0')) return undefined;
  const file = normalize(join(directory, decoded));
  return file.startsWith(directory + sep) ? file : undefined;
}

const absent = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(String(error.code))) return undefined;
    throw error;
  }
}
