import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { PerpDeskError } from '../errors/perpdesk-error.ts';

/** A span to work in. */
export interface SpanSetting {
  readonly tracer: Tracer;
  readonly name: string;
  /** `client` for what another process does. Default `internal`. */
  readonly kind?: 'client' | 'internal';
  readonly attributes?: Attributes;
}

/**
 * Does work in a span, which is the parent of what is begun meanwhile. Where the work throws the span has `error.type` (the code of an error
 * of ours, else the error's class) and an error status without a message: messages may cite what was asked. Rejects as the work does.
 * Does nothing more than the work until the process registers an SDK.
 */
export function inSpan<Result>(
  { tracer, name, kind = 'internal', attributes = {} }: SpanSetting,
  work: (span: Pick<Span, 'setAttributes'>) => Promise<Result>,
): Promise<Result> {
  const options = { kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setAttribute('error.type', errorType(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

function errorType(error: unknown): string {
  if (PerpDeskError.is(error)) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}
