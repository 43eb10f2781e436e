import * as z from 'zod';
import { acceptingExpression, type ExpressionWriter, not, refuseChecks, unsupported } from './accepting-expression.ts';
import type { CheckedSchema } from './checked-schemas.ts';

const heading =
  '// Generated from the zod schemas by generator/write-checks.ts and held to them by checks.test.ts: do not edit.';

const recordCheck = `function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}`;

/**
 * Writes the module of checks: for each schema a function that is true of exactly what the schema accepts. Line breaks are the
 * formatter's.
 * @throws ConfigError `check.unsupported` for a kind of schema or check that the generator does not know
 */
export function generateChecks(schemas: readonly CheckedSchema[]): string {
  const patterns = new Map<string, string>();
  const arrays = new Map<string, string>();
  let hasJson = false;
  const writerFor = (own: z.core.$ZodType | undefined): ExpressionWriter => ({
    nameOf: (schema) => {
      if (schema instanceof z.ZodArray) return arrayCheck(schema, arrays, writerFor(undefined));
      const named = schemas.find((checked) => checked.schema === schema && schema !== own);
      return named && `is${named.type}`;
    },
    patternOf: (source, flags) => {
      const pattern = `/${source}/${flags}`;
      const name = patterns.get(pattern) ?? `pattern${patterns.size + 1}`;
      patterns.set(pattern, name);
      return name;
    },
    jsonRecord: () => {
      hasJson = true;
      return 'isJsonRecord';
    },
  });
  const checks = schemas.map((checked) => checkOf(checked, writerFor(checked.schema)));
  const constants = [...patterns].map(([pattern, name]) => `const ${name} = ${pattern};`).join('\n');
  const imports = [importsOf(schemas), ...(hasJson ? ["import { isJsonRecord } from './json-record.ts';"] : [])];
  const blocks = [`${heading}\n${imports.join('\n')}`, constants, recordCheck, ...arrays.values(), ...checks];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function importsOf(schemas: readonly CheckedSchema[]): string {
  const byFile = Map.groupBy(
    schemas.filter(({ from }) => from !== undefined),
    ({ from }) => from,
  );
  return [...byFile]
    .map(([from, of]) => ({ from, types: of.map(({ type }) => type).sort() }))
    .sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
    .map(({ from, types }) => `import type { ${types.join(', ')} } from '${from}';`)
    .join('\n');
}

function checkOf({ type, from, schemaName, schema }: CheckedSchema, writer: ExpressionWriter): string {
  const head =
    from === undefined
      ? `function is${type}(value: unknown): boolean {`
      : `/** True of exactly what \`${schemaName}\` accepts. */\nexport function is${type}(value: unknown): value is ${type} {`;
  return [head, ...bodyOf(schema, writer), '}'].join('\n');
}

function bodyOf(schema: z.core.$ZodType, writer: ExpressionWriter): string[] {
  if (schema instanceof z.ZodObject) return objectBody(schema, writer);
  if (schema instanceof z.ZodTuple) return tupleBody(schema, writer);
  return [`  return ${acceptingExpression(schema, 'value', writer)};`];
}

function objectBody(schema: z.ZodObject, writer: ExpressionWriter): string[] {
  if (schema.def.catchall !== undefined) throw unsupported('a catchall', schema);
  refuseChecks(schema);
  const fields = Object.entries(schema.shape).flatMap(([key, field]) => {
    // The object itself is `value`.
    const name = key === 'value' ? 'ownValue' : key;
    const read = `  const ${name} = value.${key};`;
    if (!(field instanceof z.ZodExactOptional)) return [read, `  ${refuseUnless(field, name, writer)}`];
    const accepts = acceptingExpression(field.def.innerType, name, writer);
    return [read, `  if (${name} === undefined ? '${key}' in value : ${not(accepts)}) return false;`];
  });
  return ['  if (!isRecord(value)) return false;', ...fields, '  return true;'];
}

function tupleBody(schema: z.ZodTuple, writer: ExpressionWriter): string[] {
  if (schema.def.rest !== null) throw unsupported('a rest', schema);
  refuseChecks(schema);
  const { items } = schema.def;
  return [
    `  if (!Array.isArray(value) || value.length !== ${items.length}) return false;`,
    ...items.flatMap((item, index) => [
      `  const item${index}: unknown = value[${index}];`,
      `  ${refuseUnless(item, `item${index}`, writer)}`,
    ]),
    '  return true;',
  ];
}

const refuseUnless = (schema: z.core.$ZodType, ref: string, writer: ExpressionWriter): string =>
  `if (${not(acceptingExpression(schema, ref, writer))}) return false;`;

/** The name of the check of an array, which is written the first time it is asked for. */
function arrayCheck(schema: z.ZodArray, arrays: Map<string, string>, writer: ExpressionWriter): string {
  const element = writer.nameOf(schema.element);
  if (element === undefined) throw unsupported('the elements', schema);
  refuseChecks(schema);
  const name = `${element}Array`;
  arrays.set(
    name,
    `function ${name}(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i += 1) if (!${element}(value[i])) return false;
  return true;
}`,
  );
  return name;
}
