import type { Expression, SourceFile, Type } from 'ts-morph'
import { Node, SyntaxKind } from 'ts-morph'

/** A place where JavaScript would take an expression of a graph for a plain value. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly cause: string
  readonly remedy: string
}

const classes = new Set(['Tensor', 'Rows', 'Opt', 'Union', 'Result'])
const home = /[\\/]graph[\\/]build[\\/]expr\.(d\.)?ts$/

/** Whether every value of a type is an expression: `x | undefined` is not, because asking whether it is there is fair. */
const isExpression = (t: Type): boolean => {
  if (t.isUnion()) return t.getUnionTypes().every(isExpression)
  const bound = t.isTypeParameter() ? t.getConstraint() : undefined
  if (bound !== undefined) return isExpression(bound)
  const symbol = t.getSymbol()
  if (symbol === undefined || !classes.has(symbol.getName())) return false
  return symbol.getDeclarations().some((d) => home.test(d.getSourceFile().getFilePath()))
}
const holds = (e: Expression): boolean => isExpression(e.getType())

const methods: Readonly<Record<string, string>> = {
  '+': '.add(…), or text(…) for texts',
  '-': '.sub(…)',
  '*': '.mul(…)',
  '/': '.div(…)',
  '%': 'rem(a, b)',
  '**': 'pow(a, b)',
  '<': '.lt(…)',
  '<=': '.le(…)',
  '>': '.gt(…)',
  '>=': '.ge(…)',
  '==': '.eq(…)',
  '===': '.eq(…)',
  '!=': '.ne(…)',
  '!==': '.ne(…)',
  '&': '.and(…)',
  '|': '.or(…)',
}
const formula = ', or a formula: fx`…`'
const decide = 'use cond(c, () => …, () => …), or select(c, a, b) for each cell'

const turns = 'use loop(state, { max, while, step })'

type Odd = readonly [at: Node, cause: string, remedy: string]
/** A condition that is an expression: it never is false. */
const condition = (e: Expression | undefined, what: string, remedy = decide): Odd | undefined =>
  e !== undefined && holds(e)
    ? [e, `${what} decides by ${e.getText()}, which is an object when the graph is built: always true`, remedy]
    : undefined
/** What is odd about one node of the syntax tree, if anything. */
const odd = (n: Node): Odd | undefined => {
  if (Node.isIfStatement(n)) return condition(n.getExpression(), 'if')
  if (Node.isWhileStatement(n) || Node.isDoStatement(n)) return condition(n.getExpression(), 'a loop', turns)
  if (Node.isForStatement(n)) return condition(n.getCondition(), 'for', turns)
  if (Node.isConditionalExpression(n)) return condition(n.getCondition(), '? :')
  if (Node.isSwitchStatement(n)) {
    const found = condition(n.getExpression(), 'switch')
    return found && [found[0], `switch compares ${found[0].getText()} as an object: no case fits`, decide]
  }
  if (Node.isPrefixUnaryExpression(n) || Node.isPostfixUnaryExpression(n)) {
    const x = n.getOperand()
    if (!holds(x)) return undefined
    const sign = n.getText().replace(x.getText(), '').trim()
    return [n, `${sign} makes a plain value of ${x.getText()}`, sign === '!' ? 'use .not()' : `use .neg()${formula}`]
  }
  if (Node.isBinaryExpression(n)) return binary(n.getLeft(), n.getOperatorToken().getText(), n.getRight())
  if (Node.isTemplateExpression(n) && !Node.isTaggedTemplateExpression(n.getParent())) {
    const hole = n
      .getTemplateSpans()
      .find((s) => holds(s.getExpression()))
      ?.getExpression()
    const tagged = 'use text(…), or tag the template with fx or a query'
    return (
      hole && [hole, `the template makes text of ${hole.getText()}, which has a value only when the graph runs`, tagged]
    )
  }
  return undefined
}
const nothing = (e: Expression): boolean => e.getType().isNull() || e.getType().isUndefined()
const binary = (left: Expression, op: string, right: Expression): Odd | undefined => {
  if (op === '&&' || op === '||') {
    const cause = `${op} asks whether ${left.getText()} is true, and it is an object when the graph is built`
    return holds(left)
      ? [left, cause, op === '&&' ? 'use .and(…), or cond' : 'use .or(…), .orElse(…) of an option, or cond']
      : undefined
  }
  const plain = op.length > 1 && /^[-+*/%&|]{1,2}=$/.test(op) ? op.slice(0, -1) : op
  const method = methods[plain]
  if (method === undefined || !(holds(left) || holds(right)) || nothing(left) || nothing(right)) return undefined
  const whose = holds(left) ? left : right
  const cause = /^[!=]==?$/.test(op)
    ? `${op} compares ${whose.getText()} as an object`
    : `${op} makes a plain value of ${whose.getText()}`
  return [whose, cause, `use ${method}${formula}`]
}

/** Every finding in a file, in its order. */
export const findingsIn = (file: SourceFile): readonly Finding[] => {
  const found: Finding[] = []
  file.forEachDescendant((n) => {
    const f = odd(n)
    if (f === undefined) return
    const { line, column } = file.getLineAndColumnAtPos(f[0].getStart())
    found.push({ file: file.getFilePath(), line, column, cause: f[1].replace(/\s+/g, ' '), remedy: f[2] })
  })
  return found
}

/** An import of Quoin whose types are not there: then nothing can be found, and that must not look like all is well. */
export const unresolved = (file: SourceFile): string | undefined =>
  file
    .getDescendantsOfKind(SyntaxKind.ImportDeclaration)
    .find((i) => /^quoin($|\/)/.test(i.getModuleSpecifierValue()) && i.getModuleSpecifierSourceFile() === undefined)
    ?.getModuleSpecifierValue()
