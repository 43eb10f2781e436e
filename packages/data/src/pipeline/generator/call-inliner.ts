import { ConfigError } from '@perpdesk/core';
import ts from 'typescript';
import { foldedSum, isFixedPlace, isWhole } from './folded-sum.ts';
import type { SourceFunction, SteadySources } from './steady-sources.ts';

/** What goes on after a call: where it returned false (nothing, or a return), and where it did what it does. */
interface Continuation {
  readonly onFalse: string;
  readonly onTrue: () => string;
}

/** A function that is being written out: where its names are looked up, and what its own are called. */
interface Scope {
  readonly file: string;
  readonly names: Map<string, string>;
}

/**
 * Writes calls of `steady…` functions out: their statements in place of the call, each name with a number of its own, and so all
 * that they call, so that nothing is left to what a compiler sees through. A place at a fixed distance from `begin` is written as
 * that: a compiler that has to mind overflow would add its summands one by one. A function may hold constants, assignments, branches,
 * loops and, as statements of its own, `if (…) return false;`, `if (!call(…)) return false;`, `return true;` and `return call(…);`;
 * one called within an expression gives its result by its last statement.
 */
export class CallInliner {
  readonly #sources: SteadySources;
  /** The columns outside of all functions that are used, with their files. */
  readonly imports = new Map<string, string>();
  /** The columns of the bar that are read. */
  readonly columns = new Set<string>();
  readonly #barColumns: readonly string[];
  /** The constants that are whole numbers, by the names they are written with. */
  readonly #constants = new Map<string, string>();
  #written = 0;

  /** `barColumns`: the columns of a bar, each of which is written as one number of that name, and not as an array's. */
  constructor(sources: SteadySources, barColumns: readonly string[]) {
    this.#sources = sources;
    this.#barColumns = barColumns;
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
      const sum = foldedSum(value, this.#constants);
      const isName = /^[a-z]\w*$/i.test(value);
      if (isName || isFixedPlace(sum)) {
        names.set(parameter, isName ? value : (sum ?? value));
        return;
      }
      const name = `${parameter}${this.#written}`;
      names.set(parameter, name);
      if (isWhole(sum)) this.#constants.set(name, sum);
      constants.push(`const ${name} = ${value};`);
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
        const refused = this.#text(condition, scope, hoist);
        if (then.onFalse === '') return `if (!(${refused})) {\n${onTrue()}\n}`;
        // What returns is joined by nothing, so that a compiler need not read anew after it what it knows before.
        return `if (${refused}) ${then.onFalse}\n${onTrue()}`;
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
    if (ts.isVariableStatement(node) && this.#isFixedPlace(node, scope)) return '';
    const isCall = ts.isExpressionStatement(node);
    const written = isCall ? this.#call(node.expression, scope, { onFalse: '', onTrue: () => '' }) : undefined;
    return written ?? this.#hoisted((hoist) => this.#text(node, scope, hoist));
  }

  /** Whether a declaration is of a place at a fixed distance from `begin`, which stands where it is used from then on. */
  #isFixedPlace({ declarationList }: ts.VariableStatement, scope: Scope): boolean {
    const [declaration, ...others] = declarationList.declarations;
    const isConstant = others.length === 0 && (declarationList.flags & ts.NodeFlags.Const) !== 0;
    if (!isConstant || declaration?.initializer === undefined) return false;
    const value = foldedSum(
      this.#text(declaration.initializer, scope, () => {}),
      this.#constants,
    );
    const name = declaration.name.getText();
    if (isFixedPlace(value)) scope.names.set(name, value);
    else if (isWhole(value)) this.#constants.set(scope.names.get(name) ?? name, value);
    return isFixedPlace(value);
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
      const column = this.#columnIn(node, scope);
      if (column !== undefined) put(node, column);
      else if (ts.isPropertyAccessExpression(node)) {
        if (scope.names.get(node.expression.getText()) === 'presentBar') put(node, node.name.text);
        else visit(node.expression);
      } else if (ts.isElementAccessExpression(node)) {
        const { expression, argumentExpression } = node;
        visit(expression);
        put(argumentExpression, '');
        const before = text;
        [text, end] = ['', argumentExpression.getStart()];
        visit(argumentExpression);
        const index = text + source.slice(end, argumentExpression.getEnd());
        [text, end] = [before + (foldedSum(index, this.#constants) ?? index), argumentExpression.getEnd()];
      } else if (ts.isIdentifier(node)) {
        const written = scope.names.get(node.text) ?? this.#outside(node.text, scope);
        put(node, written.includes(' ') && !isFirstOfSum(node, part) ? `(${written})` : written);
      } else if (ts.isCallExpression(node)) {
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

  /** The column of the bar that a node is the present number of: `close[0]`, `closes[row] ?? Number.NaN`. */
  #columnIn(node: ts.Node, scope: Scope): string | undefined {
    if (ts.isParenthesizedExpression(node)) return this.#columnIn(node.expression, scope);
    const isOrNone = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;
    const read = isOrNone ? node.left : node;
    if (!ts.isElementAccessExpression(read)) return undefined;
    const { expression } = read;
    const isOfBar = ts.isPropertyAccessExpression(expression);
    const isBar = isOfBar && scope.names.get(expression.expression.getText()) === 'presentBar';
    const name = isBar ? expression.name.text : isOfBar ? undefined : scope.names.get(expression.getText());
    if (name === undefined || !this.#barColumns.includes(name)) return undefined;
    this.columns.add(name);
    return name;
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
    const given = this.#text(result, scope, hoist);
    const sum = foldedSum(given, this.#constants);
    if (isWhole(sum)) this.#constants.set(name, sum);
    hoist([`const ${name} = ${given};`]);
    return name;
  }

  #outside(name: string, { file }: Scope): string {
    const meaning = this.#sources.meaningOf(name, file);
    if (meaning?.kind === 'number') return String(meaning.value);
    if (meaning?.kind === 'column') this.imports.set(name, meaning.file);
    return name;
  }
}

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);

/** Whether a name is a whole part, an index, an initial value or compared, or the first summand of such: a sum can stand for it. */
function isFirstOfSum(node: ts.Node, within: ts.Node): boolean {
  if (node === within) return true;
  const { parent } = node;
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) return true;
  if (ts.isVariableDeclaration(parent) && parent.initializer === node) return true;
  if (!ts.isBinaryExpression(parent)) return false;
  if (comparisons.has(parent.operatorToken.kind)) return true;
  const isFirst = parent.operatorToken.kind === ts.SyntaxKind.PlusToken && parent.left === node;
  return isFirst && isFirstOfSum(parent, within);
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
