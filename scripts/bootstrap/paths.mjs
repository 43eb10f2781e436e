import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
/** Where stamps and remembered paths live; gone with node_modules. */
export const cache = join(root, 'node_modules', '.cache', 'perpdesk');
