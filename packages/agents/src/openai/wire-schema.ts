import * as z from 'zod';

/** JSON Schema of an answer as structured output takes it. */
export type WireSchema = Record<string, unknown>;

/** Keywords that strict structured output refuses; zod checks them on the answer all the same. */
const unsupported = ['minLength', 'maxLength', 'propertyNames', '$schema'] as const;

/**
 * Writes a zod schema as JSON Schema for `response_format: json_schema` with `strict`: every object closed, every member required (OpenAI,
 * Structured Outputs guide). Schemas of answers have no optional members.
 */
export function wireSchemaOf(schema: z.ZodType): WireSchema {
  const { $schema, ...wire } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    override: ({ jsonSchema }) => {
      for (const keyword of unsupported) delete jsonSchema[keyword];
    },
  });
  return wire;
}
