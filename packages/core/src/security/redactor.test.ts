import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors/store-error.ts';
import type { JsonValue } from '../events/json.ts';
import type { Logger } from '../logger/logger.ts';
import { findSecrets } from '../testing/find-secrets.ts';
import { encodeControls } from './encode-controls.ts';
import { redactingLogger } from './redacting-logger.ts';
import { Redactor, redact } from './redactor.ts';
import { Secret } from './secret.ts';

const canary = 'cAnary/+"é\n0x7f-$ecret';

/** Every way in which a value can stand in a log line. */
const disguises: readonly ((secret: string) => string)[] = [
  (s) => s,
  (s) => JSON.stringify(s),
  (s) => JSON.stringify({ nested: s }),
  (s) => encodeURIComponent(s),
  (s) => String(new URLSearchParams({ key: s })),
  (s) => Buffer.from(s).toString('hex'),
  (s) => Buffer.from(s).toString('hex').toUpperCase(),
  (s) => Buffer.from(s).toString('base64'),
  (s) => Buffer.from(s).toString('base64url'),
  (s) => Buffer.from(`user:${s}`).toString('base64'),
  (s) => Buffer.from(`u:${s}:tail`).toString('base64url'),
];

describe('redact', () => {
  it('behavior: masking takes known secrets out and leaves the text else as it was', () => {
    const redactor = new Redactor({ secrets: ['correct-horse'], maxTextLength: 10 });
    expect(redactor.mask('a\n\u202e correct-horse, {"token":"x"}')).toBe('a\n\u202e [secret], {"token":"x"}');
    expect(new Redactor().mask('correct-horse')).toBe('correct-horse');
  });

  it('default: values under telling names go, the rest stays', () => {
    expect(
      redact({
        apiKey: 'a',
        API_SECRET: 'b',
        'api-key': 'c',
        headers: { Authorization: 'Bearer d', cookie: 'e', accept: 'json' },
        walletPrivateKey: 'f',
        key: 'BTC-PERP',
        inputTokens: 12,
        seed: 7,
        pin: '1234',
        spin: 'up',
      }),
    ).toEqual({
      apiKey: '[secret]',
      API_SECRET: '[secret]',
      'api-key': '[secret]',
      headers: { Authorization: '[secret]', cookie: '[secret]', accept: 'json' },
      walletPrivateKey: '[secret]',
      key: 'BTC-PERP',
      inputTokens: 12,
      seed: 7,
      pin: '[secret]',
      spin: 'up',
    });
    expect(redact({ nickname: 'x' }, { names: ['nick_name'] })).toEqual({ nickname: '[secret]' });
  });

  it('behavior: known secrets are found wherever and however they stand', () => {
    const redactor = new Redactor({ secrets: [canary] });
    for (const disguise of disguises) {
      const text = `before ${disguise(canary)} after`;
      expect(findSecrets(text, [canary])).not.toEqual([]);
      const shown = JSON.stringify(redactor.redact({ [text]: [text, { deep: text }] }));
      expect(findSecrets(shown, [canary])).toEqual([]);
      expect(shown).toContain('before');
    }
  });

  it('behavior: any secret in any disguise is not found afterwards', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 6, maxLength: 40 }),
        fc.constantFrom(...disguises),
        fc.string({ maxLength: 20 }),
        (secret, disguise, around) => {
          fc.pre(new Set(secret).size > 3 && !'before [secret] after'.includes(secret));
          const shown = new Redactor({ secrets: [secret] }).text(`${around} ${disguise(secret)} ${around}`);
          expect(findSecrets(shown, [secret])).toEqual([]);
        },
      ),
      { numRuns: 2_000, seed: 81 },
    );
  });

  it('behavior: a secret that the cut would split is gone before the cut', () => {
    const redactor = new Redactor({ secrets: [canary], maxTextLength: 20 });
    expect(redactor.text(`${'x'.repeat(12)}${canary}`)).toBe(`${'x'.repeat(12)}[secret]… (34 characters)`);
  });

  it('behavior: errors keep name, code, message and cause; nothing throws', () => {
    const cause = new Error(`refused ${canary}`);
    const error = new StoreError('vault.sealed', 'The record can not be opened.', { cause });
    const shown = redact(error, { secrets: [canary] });
    expect(shown).toMatchObject({
      name: 'StoreError',
      code: 'vault.sealed',
      message: 'The record can not be opened.',
      cause: { name: 'Error', message: 'refused [secret]' },
    });
    const circular: Record<string, unknown> = {
      a: 1n,
      b: Number.NaN,
      c: () => 1,
      d: new Uint8Array(3),
      e: new Date(0),
    };
    circular.self = circular;
    Object.defineProperty(circular, 'nested', {
      enumerable: true,
      value: Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      }),
    });
    expect(redact(circular)).toEqual({
      a: '1',
      b: 'NaN',
      c: '[function]',
      d: '[3 bytes]',
      e: '1970-01-01T00:00:00.000Z',
      self: '[circular]',
      nested: '[unreadable]',
    });
    expect(
      redact(
        new Map([
          ['token', 'x'],
          ['n', '1'],
        ]),
      ),
    ).toEqual({ token: '[secret]', n: '1' });
    expect(redact(new URL('wss://user:pass@host/path'))).toBe(
      'wss://[secret]:[secret]@host/path'.replaceAll('[', '%5B').replaceAll(']', '%5D'),
    );
    expect(redact(new AggregateError([cause], 'all'), { secrets: [canary] })).toMatchObject({
      errors: [{ message: 'refused [secret]' }],
    });
    const cyclic = new Error('loop');
    cyclic.cause = cyclic;
    expect(redact(cyclic)).toMatchObject({ message: 'loop', cause: '[circular]' });
  });

  it('behavior: it changes nothing it is given and cuts what is too deep', () => {
    const given = Object.freeze({ password: 'x', list: Object.freeze(['a\u001b[31m']) });
    expect(redact(given)).toEqual({ password: '[secret]', list: ['a\\u{1b}[31m'] });
    expect(given.password).toBe('x');
    expect(redact({ a: { b: { c: 1 } } }, { maxDepth: 2 })).toEqual({ a: { b: '[deep]' } });
  });
});

describe('encodeControls', () => {
  it('default: line ends, escapes, overrides and zero-width characters are written out', () => {
    expect(encodeControls('ok\r\n{"level":"info"}')).toBe('ok\\u{d}\\u{a}{"level":"info"}');
    expect(encodeControls('\u001b]0;title\u0007 \u009b31m')).toBe('\\u{1b}]0;title\\u{7} \\u{9b}31m');
    expect(encodeControls('a\u202eb\u2066c\u200bd\ufeffe\u2028f\u{e0041}')).toBe(
      'a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}e\\u{2028}f\\u{e0041}',
    );
    expect(encodeControls('BTC-PERP é 漢字 🚀')).toBe('BTC-PERP é 漢字 🚀');
  });

  it('behavior: nothing unseen is left, and it is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const shown = encodeControls(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(encodeControls(shown)).toBe(shown);
      }),
      { numRuns: 1_000, seed: 82 },
    );
  });
});

describe('Secret', () => {
  it('default: shows itself nowhere but to who asks', () => {
    const secret = new Secret(canary);
    const held = { secret, list: [secret] };
    const shown = [
      `${secret}`,
      String(secret),
      [secret].join(),
      JSON.stringify(held),
      inspect(held, { depth: 9, showHidden: true }),
      JSON.stringify(redact(held)),
      JSON.stringify(Object.entries(secret)),
      Object.prototype.toString.call(secret),
      inspect(new Error('x', { cause: secret })),
    ].join('\n');
    expect(findSecrets(shown, [canary])).toEqual([]);
    expect(shown).toContain('[secret]');
    expect(secret.reveal()).toBe(canary);
  });
});

describe('redactingLogger', () => {
  it('default: fields, messages, errors and children are clean', () => {
    const lines: JsonValue[] = [];
    const sink = (bound: object): Logger => {
      const write = (fields: object, message?: string): void => {
        lines.push({ ...bound, ...fields, message: message ?? null });
      };
      return { debug: write, info: write, warn: write, error: write, child: (fields) => sink({ ...bound, ...fields }) };
    };
    const redactor = new Redactor();
    const logger = redactingLogger(sink({}), redactor);
    redactor.learn(new Secret(canary));
    logger.info({ venue: 'x', token: canary }, `sent ${canary}\nnext`);
    logger.child({ password: 'p', note: canary }).error(new Error(canary));
    expect(findSecrets(JSON.stringify(lines), [canary])).toEqual([]);
    expect(lines).toMatchObject([
      { venue: 'x', token: '[secret]', message: 'sent [secret]\\u{a}next' },
      { password: '[secret]', note: '[secret]', err: { name: 'Error', message: '[secret]' } },
    ]);
  });
});
