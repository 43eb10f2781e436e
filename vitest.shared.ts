import { defineProject } from 'vitest/config';

/** One project per package. Siblings resolve to their sources, so that no test needs a build. */
export function project(name: string): ReturnType<typeof defineProject> {
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
    },
  });
}
