import { type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';

const scope = (name: string): string => `@perpdesk/${name}`;

/** A tracer of the OpenTelemetry API. Does nothing until the process registers an SDK. */
export const tracer = (name: string): Tracer => trace.getTracer(scope(name));

/** A meter of the OpenTelemetry API. Does nothing unless the process registered an SDK before. */
export const meter = (name: string): Meter => metrics.getMeter(scope(name));

/**
 * Elapsed time in milliseconds from an arbitrary start, for durations in metrics only: it never gets into an event, so a
 * run repeats to the byte.
 */
export type Stopwatch = () => number;

/** The platform's monotonic time. */
export const systemStopwatch: Stopwatch = () => performance.now();
