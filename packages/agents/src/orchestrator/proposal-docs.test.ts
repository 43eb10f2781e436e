import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';

const blockOf = (markdown: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(markdown)?.[1] ?? '';

describe('docs/chat-proposals.md', () => {
  it('default: its example is the code that is compiled, and prints what it says', async () => {
    const markdown = await readFile(new URL('../../../../docs/chat-proposals.md', import.meta.url), 'utf8');
    const code = await readFile(new URL('./testing/proposal-example.ts', import.meta.url), 'utf8');
    expect(blockOf(markdown, 'ts')).toBe(code);

    const lines: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void lines.push(words.join(' ')));
    await import('./testing/proposal-example.ts');
    log.mockRestore();
    expect(lines.join('\n').trim()).toBe(blockOf(markdown, 'text').trim());
  });
});
