import { defineConfig } from 'tsup';

/** The one way a package is built for publishing: ESM and types, nothing bundled that a dependency provides. */
export function library(entries: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    format: ['esm'],
    dts: true,
    clean: true,
    sourcemap: true,
    splitting: true,
    target: 'node22',
    platform: 'neutral',
    skipNodeModulesBundle: true,
  });
}
