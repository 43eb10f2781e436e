import { defineProject } from 'vitest/config';

/**
 * One project per package. Siblings resolve to their sources, so that no test needs a build; Node runs those as they are, but
 * for what is `bundled` (JSX), which goes through Vite. A worker runs one file after another and loads each module once:
 * tests leave nothing behind in a module, a global or the environment.
 */
export function project(name: string, { bundled = false } = {}): ReturnType<typeof defineProject> {
  return defineProject({
    resolve: { conditions: ['@perpdesk/source', 'module', 'node', 'development|production'] },
    ssr: { resolve: { conditions: ['@perpdesk/source', 'module', 'node', 'development|production'] } },
    test: {
      name,
      include: ['**/*.test.{ts,tsx}'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      testTimeout: 20_000,
      hookTimeout: 20_000,
      unstubEnvs: true,
      // Left to itself vitest uses one of two cores; a project does not take this from the root.
      maxWorkers: 2,
      isolate: false,
      experimental: { viteModuleRunner: bundled, nodeLoader: false },
    },
  });
}
