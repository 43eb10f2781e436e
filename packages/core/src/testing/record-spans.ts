import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** A span that ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  /** The name of the span it was begun in. */
  readonly parent?: string;
  /** OpenTelemetry's status code: 0 unset, 1 fine, 2 error. */
  readonly status: number;
}

/**
 * Registers what an OpenTelemetry SDK would, as far as spans go: they are kept with their parents, in the order they ended. `stop` ends
 * it; one at a time in a process.
 */
export function recordSpans(): { readonly spans: readonly RecordedSpan[]; readonly stop: () => void } {
  const spans: RecordedSpan[] = [];
  const running = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => running.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...given) => running.run(active, () => work.call(self as never, ...given)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  const names = new Map<string, string>();
  const begin = (name: string, options: SpanOptions, within: Context): Span => {
    const id = String(names.size + 1).padStart(16, '0');
    names.set(id, name);
    const parent = names.get(trace.getSpanContext(within)?.spanId ?? '');
    const attributes: Attributes = { ...options.attributes };
    let status = 0;
    const own: SpanContext = { traceId: '1'.padStart(32, '0'), spanId: id, traceFlags: 1 };
    const span: Span = {
      spanContext: () => own,
      setAttribute: (key, value) => span.setAttributes({ [key]: value }),
      setAttributes: (more) => {
        Object.assign(attributes, more);
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: ({ code }) => {
        status = code;
        return span;
      },
      updateName: () => span,
      end: () =>
        void spans.push({
          ...{ name, kind: options.kind ?? 0, attributes, status },
          ...(parent === undefined ? {} : { parent }),
        }),
      isRecording: () => true,
      recordException: () => undefined,
    };
    return span;
  };
  const tracer: Tracer = {
    startSpan: (name, options = {}, within = context.active()) => begin(name, options, within),
    startActiveSpan: (name: string, ...rest: unknown[]) => {
      const work = rest.at(-1) as (span: Span) => unknown;
      const options = (rest.length > 1 ? rest[0] : {}) as SpanOptions;
      const within = context.active();
      const span = begin(name, options, within);
      return context.with(trace.setSpan(within, span), () => work(span)) as never;
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  context.setGlobalContextManager(manager);
  return {
    spans,
    stop: () => {
      trace.disable();
      context.disable();
    },
  };
}
