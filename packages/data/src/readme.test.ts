import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';

const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code]) => code ?? '');

describe('README', () => {
  it('default: its examples are code that is compiled, and the one that needs no network prints what it says', async () => {
    const markdown = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const code = await readFile(new URL('./testing/readme-example.ts', import.meta.url), 'utf8');

    const live = await readFile(new URL('./testing/readme-live-example.ts', import.meta.url), 'utf8');
    expect(blocksOf(markdown, 'ts')).toEqual([code, live]);

    const lines: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void lines.push(words.join(' ')));
    await import('./testing/readme-example.ts');
    log.mockRestore();
    expect(lines.join('\n').trim()).toBe(blocksOf(markdown, 'text')[0]?.trim());
  });
});
