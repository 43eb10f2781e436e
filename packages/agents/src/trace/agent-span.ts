import { inSpan, type SpanSetting, tracer } from '@perpdesk/core';

type Tracer = SpanSetting['tracer'];

/** The spans of agents, rounds and questions to models. */
export const agentTracer = (): Tracer => tracer('agents');

/** What a span says of where it belongs. */
export interface SpanPlace {
  readonly agent: string;
  readonly market: string;
  readonly traceId?: string | undefined;
  readonly roundKey?: string | undefined;
}

/** What spans of one decision are found by: its trace and its round. */
export const placeAttributes = ({
  traceId,
  roundKey,
}: Pick<SpanPlace, 'traceId' | 'roundKey'>): NonNullable<SpanSetting['attributes']> => ({
  ...(traceId === undefined ? {} : { 'perpdesk.trace_id': traceId }),
  ...(roundKey === undefined ? {} : { 'perpdesk.round_key': roundKey }),
});

/** Does an agent's work in a span by OpenTelemetry's conventions for GenAI agents: `invoke_agent <name>`. */
export const inAgentSpan = <Result>(place: SpanPlace, work: Parameters<typeof inSpan<Result>>[1]): Promise<Result> =>
  inSpan(
    {
      tracer: agentTracer(),
      name: `invoke_agent ${place.agent}`,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': place.agent,
        'perpdesk.market': place.market,
        ...placeAttributes(place),
      },
    },
    work,
  );
