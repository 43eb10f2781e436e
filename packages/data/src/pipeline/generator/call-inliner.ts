import { ConfigError } from '@perpdesk/core';
import ts from 'typescript';
import type { SourceFunction, SteadySources } from './steady-sources.ts';

/** What goes on after a call: where it returned false, and where it did what it does. */
interface Continuation {
  readonly onFalse: string;
  readonly onTrue: () => string;
}

/** A function that is being written out: where its names are looked up, and what its own are called. */
interface Scope {
  readonly file: string;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Writes calls of `steady…` functions out: their statements in place of the call, each name with a number of its own, and so all
 * that they call, so that nothing is left to what a compiler sees through. A function may hold constants, assignments, branches,
 * loops and, as statements of its own, `if (…) return false;`, `if (!call(…)) return false;`, `return true;` and `return call(…);`;
 * one called within an expression gives its result by its last statement.
 */
export class CallInliner {
  readonly #sources: SteadySources;
  /** The columns outside of all functions that are used, with their files. */
  readonly imports = new Map<string, string>();
  #written = 0;

  constructor(sources: SteadySources) {
    this.#sources = sources;
  }

  /**
   * The statements of a call with these arguments, each a name or an expression of the place it is put at.
   * @throws ConfigError `update.unsupported` for statements of another form.
   */
  write(called: SourceFunction, values: readonly string[], then: Continuation): string {
    const { scope, constants } = this.#enter(called, values);
    return [...constants, this.#sequence(called.statements, scope, then)].join('\n');
  }

  #enter(called: SourceFunction, values: readonly string[]): { readonly scope: Scope; readonly constants: string[] } {
    this.#written += 1;
    const names = new Map<string, string>();
    const constants: string[] = [];
    called.parameters.forEach((parameter, index) => {
      const value = values[index] ?? 'undefined';
      const isName = /^[a-z]\w*$/i.test(value);
      names.set(parameter, isName ? value : `${parameter}${this.#written}`);
      if (!isName) constants.push(`const ${parameter}${this.#written} = ${value};`);
    });
    for (const name of called.statements.flatMap(declaredIn)) names.set(name, `${name}${this.#written}`);
    return { scope: { file: called.file, names }, constants };
  }

  #sequence([first, ...rest]: readonly ts.Statement[], scope: Scope, then: Continuation): string {
    if (first === undefined) return then.onTrue();
    const onTrue = (): string => this.#sequence(rest, scope, then);
    if (ts.isReturnStatement(first)) {
      if (first.expression?.kind === ts.SyntaxKind.TrueKeyword) return then.onTrue();
      return this.#call(first.expression, scope, then) ?? unsupported(first, scope);
    }
    if (ts.isIfStatement(first) && returnsFalse(first.thenStatement)) {
      const condition = first.expression;
      const isNegated = ts.isPrefixUnaryExpression(condition) && condition.operator === ts.SyntaxKind.ExclamationToken;
      const written = isNegated ? this.#call(condition.operand, scope, { ...then, onTrue }) : undefined;
      if (written !== undefined) return written;
      return this.#hoisted((hoist) => {
        return `if (${this.#text(condition, scope, hoist)}) {\n${then.onFalse}\n} else {\n${onTrue()}\n}`;
      });
    }
    return `${this.#statement(first, scope)}\n${onTrue()}`;
  }

  #statement(node: ts.Statement, scope: Scope): string {
    if (ts.isBlock(node)) return node.statements.map((statement) => this.#statement(statement, scope)).join('\n');
    if (ts.isIfStatement(node)) {
      const { expression, thenStatement, elseStatement } = node;
      return this.#hoisted((hoist) => {
        const otherwise = elseStatement ? ` else {\n${this.#statement(elseStatement, scope)}\n}` : '';
        return `if (${this.#text(expression, scope, hoist)}) {\n${this.#statement(thenStatement, scope)}\n}${otherwise}`;
      });
    }
    if (ts.isForStatement(node)) {
      const never = (): never => unsupported(node, scope);
      const parts = [node.initializer, node.condition, node.incrementor];
      const heads = parts.map((part) => (part === undefined ? '' : this.#text(part, scope, never)));
      return `for (${heads.join('; ')}) {\n${this.#statement(node.statement, scope)}\n}`;
    }
    if (!ts.isVariableStatement(node) && !ts.isExpressionStatement(node)) return unsupported(node, scope);
    const isCall = ts.isExpressionStatement(node);
    const written = isCall ? this.#call(node.expression, scope, { onFalse: '', onTrue: () => '' }) : undefined;
    return written ?? this.#hoisted((hoist) => this.#text(node, scope, hoist));
  }

  /** What is written after the statements it needs before it. */
  #hoisted(write: (hoist: (statements: readonly string[]) => void) => string): string {
    const before: string[] = [];
    const text = write((statements) => void before.push(...statements));
    return [...before, text].join('\n');
  }

  #call(node: ts.Expression | undefined, scope: Scope, then: Continuation): string | undefined {
    if (node === undefined || !ts.isCallExpression(node)) return undefined;
    const meaning = this.#sources.meaningOf(node.expression.getText(), scope.file);
    if (meaning?.kind !== 'function') return undefined;
    return this.#hoisted((hoist) => {
      const values = node.arguments.map((argument) => this.#text(argument, scope, hoist));
      return this.write(meaning.source, values, then);
    });
  }

  /** The text of a part, with the names it has here, constants as numbers and the columns of a bar by their names. */
  #text(part: ts.Node, scope: Scope, hoist: (statements: readonly string[]) => void): string {
    const source = part.getSourceFile().text;
    let text = '';
    let end = part.getStart();
    const put = (node: ts.Node, written: string): void => {
      text += source.slice(end, node.getStart()) + written;
      end = node.getEnd();
    };
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        if (scope.names.get(node.expression.getText()) === 'presentBar') put(node, node.name.text);
        else visit(node.expression);
      } else if (ts.isIdentifier(node)) put(node, scope.names.get(node.text) ?? this.#outside(node.text, scope));
      else if (ts.isCallExpression(node)) {
        const meaning = this.#sources.meaningOf(node.expression.getText(), scope.file);
        if (meaning?.kind === 'function') {
          if (isConditional(node, part)) unsupported(node, scope);
          const values = node.arguments.map((argument) => this.#text(argument, scope, hoist));
          put(node, this.#result(meaning.source, values, hoist));
        } else ts.forEachChild(node, visit);
      } else ts.forEachChild(node, visit);
    };
    visit(part);
    return text + source.slice(end, part.getEnd());
  }

  /** The name of what a function gives, after the statements that work it out. */
  #result(called: SourceFunction, values: readonly string[], hoist: (statements: readonly string[]) => void): string {
    const { scope, constants } = this.#enter(called, values);
    const name = `result${this.#written}`;
    hoist(constants);
    const { statements, result } = called;
    for (const statement of statements)
      if (!ts.isReturnStatement(statement)) hoist([this.#statement(statement, scope)]);
    if (result === undefined) throw new ConfigError('update.unsupported', `${called.file}: a function gives nothing.`);
    hoist([`const ${name} = ${this.#text(result, scope, hoist)};`]);
    return name;
  }

  #outside(name: string, { file }: Scope): string {
    const meaning = this.#sources.meaningOf(name, file);
    if (meaning?.kind === 'number') return String(meaning.value);
    if (meaning?.kind === 'column') this.imports.set(name, meaning.file);
    return name;
  }
}

function declaredIn(node: ts.Node): readonly string[] {
  const own = ts.isVariableDeclaration(node) ? [node.name.getText()] : [];
  const children: string[] = [];
  ts.forEachChild(node, (child) => void children.push(...declaredIn(child)));
  return [...own, ...children];
}

/** Whether a call is only made where something else in its statement holds. */
function isConditional(node: ts.Node, within: ts.Node): boolean {
  if (node === within) return false;
  const { parent } = node;
  if (ts.isConditionalExpression(parent) && parent.condition !== node) return true;
  const choice = [
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ];
  const isRight = ts.isBinaryExpression(parent) && parent.right === node;
  if (isRight && choice.includes(parent.operatorToken.kind)) return true;
  return isConditional(parent, within);
}

function returnsFalse(node: ts.Statement): boolean {
  return ts.isReturnStatement(node) && node.expression?.kind === ts.SyntaxKind.FalseKeyword;
}

function unsupported(node: ts.Node, { file }: Scope): never {
  throw new ConfigError('update.unsupported', `${file}: the generator can't write out ${node.getText()}`);
}
