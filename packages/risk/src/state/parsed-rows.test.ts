import { describe, expect, it } from 'vitest';
import { ParsedRows } from './parsed-rows.ts';

describe('ParsedRows', () => {
  it('default: a text is parsed once, another text of the same key and the same text of another key again', () => {
    const parsed: string[] = [];
    const rows = new ParsedRows((text) => {
      parsed.push(text);
      return { text };
    });
    const first = rows.read('ada', '1');
    expect(rows.read('ada', '1')).toBe(first);
    expect(rows.read('ada', '2')).toEqual({ text: '2' });
    expect(rows.read('bob', '1')).toEqual({ text: '1' });
    expect(rows.read('ada', '1')).toEqual({ text: '1' });
    expect(parsed).toEqual(['1', '2', '1', '1']);
  });

  it('error: what can not be parsed is not remembered', () => {
    const rows = new ParsedRows((text) => JSON.parse(text));
    expect(rows.read('ada', '[1]')).toEqual([1]);
    for (let time = 0; time < 2; time += 1) expect(() => rows.read('ada', '[')).toThrow(SyntaxError);
    expect(rows.read('ada', '[1]')).toEqual([1]);
  });

  it('behavior: more rows than it may remember are read all the same', () => {
    const rows = new ParsedRows(Number);
    for (let n = 0; n < 50_002; n += 1) expect(rows.read(`${n}`, `${n}`)).toBe(n);
    expect(rows.read('0', '7')).toBe(7);
  });
});
