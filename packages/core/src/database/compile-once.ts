import type { CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Named parameters, of values that both dialects take. */
export type SqlParameters<Parameters> = { readonly [Name in keyof Parameters]: string | number | null };

/** A statement that is asked over and over, see {@link compileOnce}. */
export type OftenAsked<Tables, Parameters, Row> = (
  kysely: Kysely<Tables>,
  parameters: Parameters,
) => Promise<QueryResult<Row>>;

/**
 * A statement that Kysely builds and compiles once per database; asking it again only gives it other parameters. `build` sees
 * stand-ins for them: they can be named wherever a value can, and not looked at. Runs on a database or in a transaction alike; with
 * Kysely's plugins it is built each time.
 * @throws StoreError
 * @example
 * const rename = compileOnce((kysely: Kysely<Tables>, { id, text }: { id: string; text: string }) =>
 *   kysely.updateTable('notes').set({ text }).where('id', '=', id).compile(),
 * );
 * const { numAffectedRows } = await rename(database.as<Tables>(), { id: 'a', text: 'x' });
 */
export function compileOnce<Tables, Parameters extends SqlParameters<Parameters>, Row>(
  build: (kysely: Kysely<Tables>, parameters: Parameters) => CompiledQuery<Row>,
): OftenAsked<Tables, Parameters, Row> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return (kysely, parameters) => {
    const { adapter, plugins } = kysely.getExecutor();
    // A plugin is to see each statement.
    if (plugins.length > 0) return kysely.executeQuery(build(kysely, parameters));
    // A database and its transactions share the adapter.
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(kysely, standIns as Parameters);
      compiled.set(adapter, query);
    }
    return kysely.executeQuery<Row>({
      ...query,
      parameters: query.parameters.map((value) => given(parameters, value)),
    });
  };
}

/** The first row of an answer, undefined when there is none. */
export async function firstRow<Row>(asked: Promise<QueryResult<Row>>): Promise<Row | undefined> {
  return (await asked).rows[0];
}

/** How many rows a statement has written. */
export async function writtenRows(asked: Promise<QueryResult<unknown>>): Promise<bigint> {
  return (await asked).numAffectedRows ?? 0n;
}

class StandIn {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const standIns: unknown = new Proxy(
  {},
  {
    get: (_, name) => new StandIn(String(name)),
    ownKeys: () => {
      throw new TypeError('The parameters of a statement that is compiled once are named one by one.');
    },
  },
);

const given = (parameters: object, value: unknown): unknown =>
  value instanceof StandIn ? (parameters as Readonly<Record<string, unknown>>)[value.name] : value;
