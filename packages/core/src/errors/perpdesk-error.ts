const marker = Symbol.for('@perpdesk/error');

/** What every PerpDesk error carries beside its code and message. */
export interface PerpDeskErrorOptions {
  /** What led here. Never holds a secret or a signed payload. */
  readonly cause?: unknown;
  /** True when the same call may succeed later without anybody changing anything. Default false. */
  readonly retryable?: boolean;
  /** How long whoever refused asks to be left alone, ms. Default: not said. */
  readonly retryAfterMs?: number | undefined;
  /** Where the documentation explains the error: a path below docs/. */
  readonly docsPath?: string;
}

/** The root of all errors thrown by PerpDesk packages. Its `code` is stable, its message one sentence. */
export class PerpDeskError extends Error {
  override readonly name: string = 'PerpDeskError';
  /** Stable and dotted, such as `decimal.invalid`. */
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly docsPath: string | undefined;

  constructor(code: string, message: string, options: PerpDeskErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.docsPath = options.docsPath;
    Object.defineProperty(this, marker, { value: new.target.kinds });
  }

  /** The class and those it extends, by name: what `is` goes by, so that two copies of the package know each other's errors. */
  static readonly kinds: readonly string[] = ['PerpDeskError'];

  /** Tells an error of this class, or of one that extends it, from all other values. */
  static is<Kind extends PerpDeskError>(
    this: { readonly kinds: readonly string[]; readonly prototype: Kind },
    value: unknown,
  ): value is Kind {
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked is the question.
    const [kind = ''] = this.kinds;
    const kinds: unknown = typeof value === 'object' && value !== null && marker in value ? value[marker] : undefined;
    return Array.isArray(kinds) && kinds.includes(kind);
  }

  /** What is safe to log or send: no cause, no stack. */
  toJSON(): { name: string; code: string; message: string; retryable: boolean; docsPath?: string } {
    const { name, code, message, retryable, docsPath } = this;
    return { name, code, message, retryable, ...(docsPath === undefined ? {} : { docsPath }) };
  }
}
