import { describe, expect, it } from 'vitest';
import { chooseModel, type Environment, secretsOf } from './language-model.ts';

const key = { OPENAI_API_KEY: ' sk-0123456789 ' };
const noticeOf = (environment: Environment): string => chooseModel(environment).notice;

describe('chooseModel', () => {
  it('default: rules, until a key is set', () => {
    expect(chooseModel({})).toEqual({ notice: 'The agents follow their rules (no OPENAI_API_KEY is set).' });
    expect(chooseModel({ OPENAI_API_KEY: '  ' }).model).toBeUndefined();
    expect(chooseModel(key)).toMatchObject({ notice: 'The agents ask gpt-5-mini at OpenAI.' });
    expect(chooseModel(key).model?.name).toBe('gpt-5-mini');
  });

  it('behavior: another server and model, by host alone', () => {
    const other = { ...key, OPENAI_BASE_URL: 'http://ada:hidden@127.0.0.1:11434/v1', OPENAI_MODEL: 'qwen3:8b' };
    expect(noticeOf(other)).toBe('The agents ask qwen3:8b at 127.0.0.1:11434.');
    expect(chooseModel({ ...other, OPENAI_TIMEOUT_MS: '4000' }).timeoutMs).toBe(4_000);
  });

  it('error: an address or a time that is none', () => {
    for (const address of ['127.0.0.1', 'file:///etc/passwd', 'ada:hidden@host'])
      expect(() => chooseModel({ ...key, OPENAI_BASE_URL: address })).toThrow(
        expect.objectContaining({ code: 'model.base-url', message: expect.not.stringContaining('hidden') }),
      );
    for (const time of ['0', '499', '12001', 'soon'])
      expect(() => chooseModel({ ...key, OPENAI_TIMEOUT_MS: time })).toThrow(
        `OPENAI_TIMEOUT_MS takes 500 to 12000, not "${time}".`,
      );
  });

  it('behavior: a key is a secret, a word that stands for none is not', () => {
    expect(secretsOf(key)).toEqual(['sk-0123456789']);
    expect(secretsOf({ OPENAI_API_KEY: 'local' })).toEqual([]);
    expect(secretsOf({})).toEqual([]);
  });
});
