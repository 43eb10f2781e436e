import { defineConfig, type Options } from 'tsup';
import { library } from '../../tsup.base.ts';

/** One file out for each file in: bundling would drop the 'use client' of every module but the entry. */
const fileByFile: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'file-by-file',
  setup: (build) =>
    build.onResolve({ filter: /^\.\.?\/.*\.tsx?$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path: path.replace(/\.tsx?$/, '.js'), external: true } : undefined,
    ),
};

export default defineConfig({
  ...library(['index']),
  entry: ['src/index.ts', 'src/provider.tsx', 'src/hooks/*.{ts,tsx}', 'src/store/*.ts', '!src/**/*.test.*'],
  dts: { entry: 'src/index.ts' },
  splitting: false,
  esbuildPlugins: [fileByFile],
});
