import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigError } from '@perpdesk/core';
import ts from 'typescript';

/** A function of an indicator's file. */
export interface SourceFunction {
  readonly file: string;
  readonly parameters: readonly string[];
  readonly statements: readonly ts.Statement[];
  /** What it gives, where that is the last thing it does. */
  readonly result: ts.Expression | undefined;
}

/** What a name stands for at the top of an indicator's file. */
export type Meaning =
  | { readonly kind: 'function'; readonly source: SourceFunction }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'column'; readonly file: string };

/** The sources of the indicators, of which the `steady…` functions are read. */
export class SteadySources {
  readonly #folder: URL;
  readonly #files = new Map<string, ts.SourceFile>();

  constructor(folder: URL) {
    this.#folder = folder;
  }

  /** The meaning of a name in a file, wherever it is imported from; undefined where the file does not declare it. */
  meaningOf(name: string, file: string): Meaning | undefined {
    for (const statement of this.#fileOf(file).statements) {
      if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
        const bindings = statement.importClause?.namedBindings;
        const isNamed =
          bindings && ts.isNamedImports(bindings) && bindings.elements.some((it) => it.name.text === name);
        if (isNamed) return this.meaningOf(name, basename(statement.moduleSpecifier.text));
      }
      if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) {
        return { kind: 'function', source: functionOf(statement, file) };
      }
      if (!ts.isVariableStatement(statement)) continue;
      for (const declaration of statement.declarationList.declarations) {
        if (declaration.name.getText() !== name || declaration.initializer === undefined) continue;
        if (ts.isNewExpression(declaration.initializer)) return { kind: 'column', file };
        if (ts.isArrowFunction(declaration.initializer))
          return { kind: 'function', source: functionOf(declaration.initializer, file) };
        return { kind: 'number', value: this.#numberOf(declaration.initializer, file) };
      }
    }
    return undefined;
  }

  #fileOf(file: string): ts.SourceFile {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const text = readFileSync(new URL(file, this.#folder), 'utf8');
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    this.#files.set(file, parsed);
    return parsed;
  }

  #numberOf(node: ts.Expression, file: string): number {
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isParenthesizedExpression(node)) return this.#numberOf(node.expression, file);
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
      return -this.#numberOf(node.operand, file);
    if (ts.isIdentifier(node)) {
      const meaning = this.meaningOf(node.text, file);
      if (meaning?.kind === 'number') return meaning.value;
    }
    if (ts.isBinaryExpression(node)) {
      const left = this.#numberOf(node.left, file);
      const right = this.#numberOf(node.right, file);
      switch (node.operatorToken.getText()) {
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        case '/':
          return left / right;
        case '**':
          return left ** right;
        case '<<':
          return left << right;
      }
    }
    throw new ConfigError('update.unsupported', `${file}: ${node.getText()} is no constant the generator knows.`);
  }
}

function functionOf(node: ts.FunctionDeclaration | ts.ArrowFunction, file: string): SourceFunction {
  const parameters = node.parameters.map((parameter) => parameter.name.getText());
  if (node.body === undefined || !ts.isBlock(node.body)) {
    const isBracketed = node.body !== undefined && ts.isParenthesizedExpression(node.body);
    return { file, parameters, statements: [], result: isBracketed ? node.body.expression : node.body };
  }
  const statements = [...node.body.statements];
  const last = statements.at(-1);
  return { file, parameters, statements, result: last && ts.isReturnStatement(last) ? last.expression : undefined };
}
