import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*'],
    // Left to itself vitest uses one of two cores.
    maxWorkers: 2,
  },
});
