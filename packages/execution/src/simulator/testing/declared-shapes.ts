import ts from 'typescript';

/**
 * Checks JSON against types that a stranger's package declares: every key, every literal, every `@pattern` in its comments.
 * Keys that are not declared count as errors.
 */
export class DeclaredShapes {
  readonly #checker: ts.TypeChecker;
  readonly #types = new Map<string, ts.Type>();

  /** @param files Declaration files whose exported types can be asked for by name. */
  constructor(files: readonly string[]) {
    const program = ts.createProgram({
      rootNames: [...files],
      options: {
        strict: true,
        skipLibCheck: true,
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        types: [],
      },
    });
    this.#checker = program.getTypeChecker();
    for (const file of files) {
      const source = program.getSourceFile(file);
      const module = source && this.#checker.getSymbolAtLocation(source);
      for (const exported of module ? this.#checker.getExportsOfModule(module) : []) {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
        if (symbol.flags & ts.SymbolFlags.TypeAlias) {
          this.#types.set(exported.name, this.#checker.getDeclaredTypeOfSymbol(symbol));
        }
      }
    }
  }

  /** Where a value differs from the type; empty when it is of it. @throws Error when no such type is exported. */
  errors(typeName: string, value: unknown): readonly string[] {
    const type = this.#types.get(typeName);
    if (type === undefined) throw new Error(`${typeName} is not exported.`);
    return this.#check(type, value, typeName, undefined);
  }

  #check(type: ts.Type, value: unknown, path: string, pattern: string | undefined): readonly string[] {
    const wrong = (what: string): readonly string[] => [
      `${path}: ${what}, got ${JSON.stringify(value)?.slice(0, 120)}`,
    ];
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
    if (type.isUnion()) {
      const tries = type.types.map((member) => this.#check(member, value, path, pattern));
      return tries.reduce((best, next) => (next.length < best.length ? next : best));
    }
    if (type.flags & ts.TypeFlags.Null) return value === null ? [] : wrong('expected null');
    if (type.flags & ts.TypeFlags.Undefined) return value === undefined ? [] : wrong('expected nothing');
    if (type.isStringLiteral() || type.isNumberLiteral()) {
      return value === type.value ? [] : wrong(`expected ${JSON.stringify(type.value)}`);
    }
    if (type.flags & ts.TypeFlags.BooleanLiteral) {
      return String(value) === this.#checker.typeToString(type) && typeof value === 'boolean'
        ? []
        : wrong('expected the flag');
    }
    if (type.flags & ts.TypeFlags.Boolean) return typeof value === 'boolean' ? [] : wrong('expected a boolean');
    if (type.flags & ts.TypeFlags.Number) return Number.isFinite(value) ? [] : wrong('expected a number');
    if (type.flags & ts.TypeFlags.String) {
      if (typeof value !== 'string') return wrong('expected a string');
      return pattern !== undefined && !new RegExp(pattern).test(value) ? wrong(`expected ${pattern}`) : [];
    }
    if (type.flags & ts.TypeFlags.TemplateLiteral) {
      const form = this.#checker
        .typeToString(type)
        .slice(1, -1)
        .replace(/[$][{]string[}]/, '.*')
        .replace(/[$][{]number[}]/, '\\d+');
      return typeof value === 'string' && new RegExp(`^${form}$`).test(value) ? [] : wrong(`expected ${form}`);
    }
    if (this.#checker.isTupleType(type)) {
      const items = this.#checker.getTypeArguments(type as ts.TypeReference);
      if (!Array.isArray(value) || value.length !== items.length) return wrong(`expected ${items.length} items`);
      return items.flatMap((item, index) => this.#check(item, value[index], `${path}[${index}]`, undefined));
    }
    if (this.#checker.isArrayType(type)) {
      if (!Array.isArray(value)) return wrong('expected an array');
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      return item === undefined ? [] : value.flatMap((each, i) => this.#check(item, each, `${path}[${i}]`, undefined));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('expected an object');
    return this.#checkObject(type, value as Record<string, unknown>, path);
  }

  #checkObject(type: ts.Type, value: Record<string, unknown>, path: string): readonly string[] {
    const index = type.getStringIndexType();
    if (index !== undefined) {
      return Object.entries(value).flatMap(([key, each]) => this.#check(index, each, `${path}.${key}`, undefined));
    }
    const properties = this.#checker.getPropertiesOfType(type);
    const undeclared = Object.keys(value)
      .filter((key) => !properties.some((property) => property.name === key))
      .map((key) => `${path}.${key}: not declared`);
    const declared = properties.flatMap((property) => {
      const each = value[property.name];
      if (each === undefined) {
        return property.flags & ts.SymbolFlags.Optional ? [] : [`${path}.${property.name}: missing`];
      }
      const pattern = property.getJsDocTags(this.#checker).find((tag) => tag.name === 'pattern');
      return this.#check(
        this.#checker.getTypeOfSymbol(property),
        each,
        `${path}.${property.name}`,
        pattern?.text?.map((part) => part.text).join(''),
      );
    });
    return [...undeclared, ...declared];
  }
}
