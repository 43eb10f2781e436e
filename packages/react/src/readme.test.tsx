// biome-ignore lint/correctness/noNodejsModules: tests run on Node
import { readFile } from 'node:fs/promises';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { App } from './testing/readme-example.tsx';

it('default: the example of the README is the code that is compiled, and renders on a server', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = await readFile(new URL('./testing/readme-example.tsx', import.meta.url), 'utf8');
  expect(readme.split('```')[1]).toBe(`tsx\n${code}`);
  expect(renderToString(<App />).replaceAll('<!-- -->', '')).toBe(
    '<section aria-busy="true"><p>Bitcoin … </p></section>',
  );
});
