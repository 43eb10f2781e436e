import * as z from 'zod';
import { ConfigError } from '../../errors/config-error.ts';

/** Writes the expression that is true of what a schema accepts. */
export interface ExpressionWriter {
  /** The function that checks a schema which has a name of its own, if it has. */
  nameOf(schema: z.core.$ZodType): string | undefined;
  /** The constant that holds a pattern. */
  patternOf(source: string, flags: string): string;
  /** The name of the check of a record of JSON. */
  jsonRecord(): string;
}

/**
 * The TypeScript expression that is true exactly where `schema` accepts the value named by `ref`.
 * @throws ConfigError `check.unsupported` for a schema or a check that is not known here: none is ever left out in silence.
 */
export function acceptingExpression(schema: z.core.$ZodType, ref: string, writer: ExpressionWriter): string {
  const name = writer.nameOf(schema);
  if (name !== undefined) return `${name}(${ref})`;
  if (schema instanceof z.ZodString) return all([`typeof ${ref} === 'string'`, ...stringChecks(schema, ref, writer)]);
  if (schema instanceof z.ZodNumber) return all([`typeof ${ref} === 'number'`, ...numberChecks(schema, ref)]);
  refuseChecks(schema);
  if (schema instanceof z.ZodBoolean) return `typeof ${ref} === 'boolean'`;
  if (schema instanceof z.ZodEnum) {
    return Object.values(schema.def.entries)
      .map((entry) => `${ref} === ${literal(entry)}`)
      .join(' || ');
  }
  if (schema instanceof z.ZodTemplateLiteral) {
    return all([`typeof ${ref} === 'string'`, templateCheck(schema, ref, writer)]);
  }
  if (isJsonRecordSchema(schema)) return `${writer.jsonRecord()}(${ref})`;
  throw unsupported(schema.constructor.name, schema);
}

/** Joined by `&&`, alternatives in brackets. */
export const all = (expressions: readonly string[]): string =>
  expressions.map((each) => (each.includes(' || ') && expressions.length > 1 ? `(${each})` : each)).join(' && ');

/** The expression that is true where another is not. */
export const not = (expression: string): string =>
  /^\w+\(\w+\)$/.test(expression) ? `!${expression}` : `!(${expression})`;

/** Refuses a schema that was given checks, where none can be written. */
export function refuseChecks(schema: z.core.$ZodType): void {
  if ((schema._zod.def.checks ?? []).length > 0) throw unsupported('a check', schema);
}

/** What the generator can not write. */
export const unsupported = (what: string, schema: z.core.$ZodType): ConfigError =>
  new ConfigError(
    'check.unsupported',
    `No check can be generated for ${what} of a ${schema._zod.def.type} schema: teach the generator, or check it with zod.`,
  );

/** A string or number as TypeScript, in the quotes of the house. */
export const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'` : JSON.stringify(value);

function stringChecks(schema: z.ZodString, ref: string, writer: ExpressionWriter): string[] {
  if (schema.def.coerce) throw unsupported('coercion', schema);
  return checksOf(schema).map((check) => {
    const { def } = check._zod;
    if (isLengthCheck(def)) return `${ref}.length <= ${def.maximum}`;
    if (!isPatternCheck(def)) throw unsupported(`the check ${def.check}`, schema);
    return `${writer.patternOf(def.pattern.source, def.pattern.flags)}.test(${ref})`;
  });
}

function numberChecks(schema: z.ZodNumber, ref: string): string[] {
  if (schema.def.coerce) throw unsupported('coercion', schema);
  const isInteger = schema instanceof z.ZodNumberFormat;
  if (isInteger && schema._zod.def.format !== 'safeint') {
    throw unsupported(`the format ${schema._zod.def.format}`, schema);
  }
  const bounds = checksOf(schema).map((check) => {
    const { def } = check._zod;
    if (!isBoundCheck(def)) throw unsupported(`the check ${def.check}`, schema);
    const sign = def.check === 'greater_than' ? '>' : '<';
    return { sign, text: `${ref} ${sign}${def.inclusive ? '=' : ''} ${def.value}` };
  });
  const comparisons = bounds.map(({ text }) => text);
  if (isInteger) return [`Number.isSafeInteger(${ref})`, ...comparisons];
  // A comparison refuses NaN already, and what is bounded below is finite when it is less than infinity.
  const isBoundedBelow = bounds.some(({ sign }) => sign === '>');
  return isBoundedBelow
    ? [...comparisons, `${ref} < Number.POSITIVE_INFINITY`]
    : [`Number.isFinite(${ref})`, ...comparisons];
}

function templateCheck(schema: z.ZodTemplateLiteral, ref: string, writer: ExpressionWriter): string {
  const [before, between, after, ...rest] = schema.def.parts;
  if (rest.length === 0 && isAnyString(before) && typeof between === 'string' && isAnyString(after)) {
    return `${ref}.includes(${literal(between)})`;
  }
  return `${writer.patternOf(schema._zod.pattern.source, schema._zod.pattern.flags)}.test(${ref})`;
}

const isAnyString = (part: unknown): boolean => part instanceof z.ZodString && checksOf(part).length === 0;

const checksOf = (schema: z.ZodType): readonly z.core.$ZodCheck[] => schema.def.checks ?? [];

const isPatternCheck = (def: z.core.$ZodCheckDef): def is z.core.$ZodCheckRegexDef =>
  def.check === 'string_format' && 'format' in def && def.format === 'regex';

const isLengthCheck = (def: z.core.$ZodCheckDef): def is z.core.$ZodCheckMaxLengthDef =>
  def.check === 'max_length' && 'maximum' in def;

/** True of `record(string(), json())` and nothing like it. */
function isJsonRecordSchema(schema: z.core.$ZodType): boolean {
  if (!(schema instanceof z.ZodRecord) || schema.def.mode !== undefined || schema.def.partial === true) return false;
  const { keyType, valueType } = schema.def;
  if (!isAnyString(keyType) || !(valueType instanceof z.ZodLazy)) return false;
  const union = valueType.unwrap();
  if (!(union instanceof z.ZodUnion) || (union.def.checks ?? []).length > 0) return false;
  const kinds = union.options.map((option) => {
    if (option instanceof z.ZodArray) return option.element === valueType ? 'array' : 'other';
    if (option instanceof z.ZodRecord) return option.def.valueType === valueType ? 'record' : 'other';
    return (option._zod.def.checks ?? []).length === 0 ? option._zod.def.type : 'other';
  });
  return kinds.join() === 'string,number,boolean,null,array,record';
}

const isBoundCheck = (
  def: z.core.$ZodCheckDef,
): def is (z.core.$ZodCheckGreaterThanDef | z.core.$ZodCheckLessThanDef) & { readonly value: number } =>
  (def.check === 'greater_than' || def.check === 'less_than') && 'value' in def && typeof def.value === 'number';
