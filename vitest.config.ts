import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// What Node compiles of ccxt, of our sources and of all else is kept between the processes and threads that tests start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*'],
  },
});
