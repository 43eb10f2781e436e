/**
 * What changes how a line is shown or split without being seen: control characters (line ends, tabs and the escape that
 * begins ANSI sequences among them), the line separators, and all format characters (Unicode category Cf: bidirectional
 * marks and overrides, zero-width characters, tags), lone surrogates.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Writes the unseen characters of outside text as `\u{…}`, so that a venue's message can not forge a log line, colour a
 * terminal or turn the order of what is read (Unicode Technical Report 36; CWE-117).
 * @example
 * encodeControls('ok\n\u202egnp'); // 'ok\\u{a}\\u{202e}gnp'
 */
export const encodeControls = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
