import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The source condition makes the page build from the packages' sources in the workspace; outside it there is only dist.
  resolve: { conditions: ['@perpdesk/source', 'module', 'browser', 'development|production'] },
  build: { outDir: 'dist', emptyOutDir: true, sourcemap: false },
});
