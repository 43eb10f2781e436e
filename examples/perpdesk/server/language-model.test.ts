import { describe, expect, it } from 'vitest';
import { chooseModel, type Environment, secretsOf } from './language-model.ts';

const key = { OPENAI_API_KEY: ' sk-0123456789 ' };
const noticeOf = (environment: Environment): string => chooseModel(environment).notice;

describe('chooseModel', () => {
  it('default: rules, until a key is set', () => {
    expect(chooseModel({})).toEqual({ notice: 'The agents follow their rules (no OPENAI_API_KEY is set).' });
    expect(chooseModel({ OPENAI_API_KEY: '  ' }).models).toBeUndefined();
    expect(chooseModel(key)).toMatchObject({ notice: 'The agents ask gpt-5-mini at OpenAI.' });
    expect(chooseModel(key).models?.map(({ name }) => name)).toEqual(['gpt-5-mini']);
  });

  it('behavior: another server and model, by host alone', () => {
    const other = { ...key, OPENAI_BASE_URL: 'http://ada:hidden@127.0.0.1:11434/v1', OPENAI_MODEL: 'qwen3:8b' };
    expect(noticeOf(other)).toBe('The agents ask qwen3:8b at 127.0.0.1:11434.');
    expect(chooseModel({ ...other, OPENAI_TIMEOUT_MS: '4000' }).timeoutMs).toBe(4_000);
  });

  it('behavior: several models, what they cost and what they may', () => {
    const chosen = chooseModel({
      ...{ ...key, OPENAI_MODEL: 'big, small', OPENAI_PRICES: '0.25/2', OPENAI_KNOWLEDGE_CUTOFF: '2025-06-30' },
      ...{ MODEL_DAY_USD: '5', MODEL_ROUND_USD: '0.02' },
    });
    const about = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2, knowledgeCutoff: '2025-06-30' };
    expect(chosen.models).toMatchObject([
      { name: 'big', about },
      { name: 'small', about },
    ]);
    expect(chosen.budgets).toEqual({ day: { usd: 5 }, round: { usd: 0.02 } });
    expect(chosen.notice).toBe('The agents ask big, else small at OpenAI.');
  });

  it('error: prices and budgets that are none', () => {
    for (const text of ['2', '-1/2', '0.25/two', '1/2/3'])
      expect(() => chooseModel({ ...key, OPENAI_PRICES: text })).toThrow(
        expect.objectContaining({ code: 'model.prices' }),
      );
    for (const text of ['-1', 'five', 'Infinity'])
      expect(() => chooseModel({ ...key, MODEL_DAY_USD: text })).toThrow(
        `MODEL_DAY_USD takes dollars from 0, not "${text}".`,
      );
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
