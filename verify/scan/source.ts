import { ts } from 'ts-morph'
import type { Rule } from './finding.ts'
import type { Named } from './names.ts'
import { ofGlobal, ofImport } from './names.ts'

/** Something a rule speaks of, before anybody has asked whether it is allowed. */
export interface Hit {
  readonly rule: Rule
  /** From the beginning of the file. */
  readonly at: number
  /** What stands there, shortened: `Math.exp`, `node:fs`. An allowance may name it. */
  readonly what: string
  readonly message: string
}

const watched: ReadonlySet<string> = new Set([
  ...['Math', 'Date', 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'Deno', 'Bun', 'performance', 'Temporal'],
  ...['crypto', 'eval', 'Function', 'WebAssembly', 'process', 'require'],
])
/** Other names of the object that holds all globals. */
const worlds: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self'])
const relaxed = /relaxed_?(?:simd|madd|nmadd|laneselect|swizzle|min|max|trunc|q15|dot)/i

/**
 * Everything in a file that a rule speaks of. Names are followed to where they are declared, so a parameter called `fetch`
 * is not taken for the global one; types are left out, because nothing of them runs.
 */
export const hitsIn = (file: ts.SourceFile, checker: ts.TypeChecker, texts = true): readonly Hit[] => {
  const hits: Hit[] = []
  const add = (node: ts.Node, { rule, message }: Named, what: string): void => {
    hits.push({ rule, at: node.getStart(file), what, message: `${what} ${message}` })
  }
  // An explicit stack: generated code can nest deeper than a program may recurse.
  const stack: ts.Node[] = [file]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (isErased(node)) continue
    if (ts.isIdentifier(node)) identifier(node, checker, add)
    else if (isModuleName(node)) imported(node, add)
    else if (ts.isCallExpression(node)) call(node, checker, add)
    else if (ts.isBinaryExpression(node)) power(node, add)
    if (ts.isIdentifier(node) || (texts && isText(node))) text(node, add)
    ts.forEachChild(node, (child) => {
      stack.push(child)
    })
  }
  return hits
}
type Add = (node: ts.Node, named: Named, what: string) => void

export const isErased = (n: ts.Node): boolean =>
  (ts.isTypeNode(n) && !ts.isExpressionWithTypeArguments(n)) ||
  ts.isInterfaceDeclaration(n) ||
  ts.isTypeAliasDeclaration(n) ||
  (ts.isImportDeclaration(n) && n.importClause?.isTypeOnly === true) ||
  (ts.isExportDeclaration(n) && n.isTypeOnly) ||
  ((ts.isVariableStatement(n) || ts.isFunctionDeclaration(n) || ts.isClassDeclaration(n)) && isAmbient(n))
const isAmbient = (n: ts.Node): boolean =>
  ts.canHaveModifiers(n) && (ts.getModifiers(n)?.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword) ?? false)

const identifier = (id: ts.Identifier, checker: ts.TypeChecker, add: Add): void => {
  const world = worlds.has(id.text)
  if (!(world || watched.has(id.text)) || !isReference(id) || isDeclared(id, checker)) return
  if (!world) return global(id.text, id, add)
  // `typeof window` asks where the program runs; all else with the whole object may become anything.
  if (ts.isTypeOfExpression(id.parent)) return
  const used = member(id)
  if (used !== undefined) return watched.has(used.name) ? global(used.name, used.node, add) : undefined
  const taken = takenOf(id)
  for (const name of taken.filter((n) => watched.has(n)))
    add(id, ofGlobal(name, undefined) ?? { ...clock, message: 'as a value may read a clock' }, name)
  if (taken.includes('*')) add(id, { rule: 'dynamic-code', message: 'as a value may become any global' }, id.text)
}
const global = (name: string, node: ts.Expression, add: Add): void => {
  const { parent } = node
  if (ts.isTypeOfExpression(parent)) return
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) return
  const used = member(node)
  if (used?.name === 'prototype') return
  if (name === 'Date') return date(node, used?.name, add)
  if (name === 'require') {
    if (!(ts.isCallExpression(parent) && parent.expression === node))
      add(node, { rule: 'dynamic-code', message: 'as a value loads any module' }, 'require')
    return
  }
  const named = ofGlobal(name, used?.name)
  if (named !== undefined) add(node, named, used === undefined ? name : `${name}.${used.name}`)
}
const clock: Named = { rule: 'clock', message: 'reads a clock' }
const date = (node: ts.Expression, used: string | undefined, add: Add): void => {
  const { parent } = node
  if (used === 'now') return add(node, clock, 'Date.now')
  if (used !== undefined) return
  if (ts.isNewExpression(parent) && parent.expression === node)
    return (parent.arguments?.length ?? 0) === 0 ? add(parent, clock, 'new Date()') : undefined
  add(node, ts.isCallExpression(parent) ? clock : { ...clock, message: 'as a value may read a clock' }, 'Date')
}

/** The member that is taken of an expression, where its name can be read. */
const member = (of: ts.Node): { readonly name: string; readonly node: ts.Expression } | undefined => {
  const node = bare(of)
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node)
    return { name: parent.name.text, node: parent }
  if (
    ts.isElementAccessExpression(parent) &&
    parent.expression === node &&
    ts.isStringLiteralLike(parent.argumentExpression)
  )
    return { name: parent.argumentExpression.text, node: parent }
  return undefined
}

/** An expression with the brackets, assertions and `await` around it. */
const bare = (of: ts.Node): ts.Node => {
  let node = of
  while (isAround(node.parent)) node = node.parent
  return node
}
const isAround = (n: ts.Node): boolean =>
  ts.isParenthesizedExpression(n) ||
  ts.isAsExpression(n) ||
  ts.isSatisfiesExpression(n) ||
  ts.isNonNullExpression(n) ||
  ts.isAwaitExpression(n)

/** Whether a name stands for its value here, and is not the name of a property, of a declaration or of a label. */
export const isReference = (id: ts.Identifier): boolean => {
  const { parent } = id
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === id
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isPropertyAssignment(parent)) return parent.initializer === id
  if (ts.isBindingElement(parent)) return parent.initializer === id
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent))
    return parent.initializer === id
  if (ts.isEnumMember(parent)) return parent.initializer === id
  if (ts.isExportAssignment(parent) || ts.isExpressionWithTypeArguments(parent)) return true
  return !(
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isMetaProperty(parent) ||
    ((ts.isFunctionLike(parent) || ts.isClassLike(parent) || ts.isModuleDeclaration(parent)) && parent.name === id)
  )
}
export const isDeclared = (id: ts.Identifier, checker: ts.TypeChecker): boolean => {
  const symbol = ts.isShorthandPropertyAssignment(id.parent)
    ? checker.getShorthandAssignmentValueSymbol(id.parent)
    : checker.getSymbolAtLocation(id)
  // `declare const fetch` brings nothing of its own.
  return symbol?.declarations?.some((d) => (ts.getCombinedModifierFlags(d) & ts.ModifierFlags.Ambient) === 0) ?? false
}

type ModuleName = ts.ImportDeclaration | ts.ExportDeclaration | ts.ImportEqualsDeclaration
const isModuleName = (n: ts.Node): n is ModuleName =>
  ts.isImportDeclaration(n) || ts.isExportDeclaration(n) || ts.isImportEqualsDeclaration(n)
const imported = (n: ModuleName, add: Add): void => {
  const specifier = ts.isImportEqualsDeclaration(n)
    ? ts.isExternalModuleReference(n.moduleReference)
      ? n.moduleReference.expression
      : undefined
    : n.moduleSpecifier
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
  const found = ofImport(specifier.text, namesOf(n))
  if (found !== undefined) add(specifier, found, specifier.text)
}
const namesOf = (n: ModuleName): readonly string[] => {
  if (ts.isExportDeclaration(n))
    return n.exportClause !== undefined && ts.isNamedExports(n.exportClause)
      ? n.exportClause.elements.map((e) => (e.propertyName ?? e.name).text)
      : ['*']
  if (ts.isImportEqualsDeclaration(n)) return ['*']
  const named = n.importClause?.namedBindings
  return [
    ...(n.importClause?.name === undefined ? [] : ['default']),
    ...(named === undefined
      ? []
      : ts.isNamespaceImport(named)
        ? ['*']
        : named.elements.filter((e) => !e.isTypeOnly).map((e) => (e.propertyName ?? e.name).text)),
  ]
}

const call = (n: ts.CallExpression, checker: ts.TypeChecker, add: Add): void => {
  const [first] = n.arguments
  const { expression: f } = n
  const loads =
    f.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(f) && f.text === 'require' && !isDeclared(f, checker))
  if (loads) {
    const how = f.kind === ts.SyntaxKind.ImportKeyword ? 'import()' : 'require()'
    if (first === undefined || !ts.isStringLiteralLike(first))
      return add(n, { rule: 'dynamic-code', message: 'loads a module by text' }, how)
    const found = ofImport(first.text, takenOf(n))
    if (found !== undefined) add(first, found, first.text)
    return
  }
  if (ts.isPropertyAccessExpression(f) && f.name.text === 'constructor')
    return add(f.name, { rule: 'dynamic-code', message: 'can make code of text' }, '.constructor()')
  const late = ts.isIdentifier(f) && ['setTimeout', 'setInterval', 'setImmediate'].includes(f.text)
  if (late && first !== undefined && (ts.isStringLiteralLike(first) || ts.isTemplateExpression(first)))
    add(n, { rule: 'dynamic-code', message: 'with a text makes code of it' }, f.text)
}

/** The names that are taken of a module or an object where it stands; `*` where they cannot be read. */
const takenOf = (n: ts.Node): readonly string[] => {
  const one = member(n)
  if (one !== undefined) return [one.name]
  const { parent } = bare(n)
  if (!ts.isVariableDeclaration(parent) || !ts.isObjectBindingPattern(parent.name)) return ['*']
  return parent.name.elements.map((e) => {
    const name = e.propertyName ?? e.name
    return e.dotDotDotToken === undefined && ts.isIdentifier(name) ? name.text : '*'
  })
}

const power = (n: ts.BinaryExpression, add: Add): void => {
  const { kind } = n.operatorToken
  if (kind !== ts.SyntaxKind.AsteriskAsteriskToken && kind !== ts.SyntaxKind.AsteriskAsteriskEqualsToken) return
  const sides = [n.left, n.right]
  // Whole numbers without end are exact, and so is a power of two wherever it can be held.
  if (sides.some((s) => ts.isBigIntLiteral(s) || isBigIntCall(s))) return
  if (ts.isNumericLiteral(n.left) && (n.left.text === '2' || ts.isNumericLiteral(n.right))) return
  add(n.operatorToken, { rule: 'inexact-math', message: 'may differ in its last bits between engines' }, '**')
}
const isBigIntCall = (n: ts.Node): boolean =>
  ts.isCallExpression(n) && ts.isIdentifier(n.expression) && n.expression.text === 'BigInt'

const isText = (n: ts.Node): n is ts.LiteralLikeNode =>
  ts.isStringLiteralLike(n) || ts.isTemplateHead(n) || ts.isTemplateMiddleOrTemplateTail(n)
/** Code that is written as text counts where it names what no code of ours may do. */
const text = (n: ts.Identifier | ts.LiteralLikeNode, add: Add): void => {
  const simd = relaxed.exec(n.text)
  if (simd !== null) add(n, { rule: 'relaxed-simd', message: 'may give other bits on another machine' }, simd[0])
  if (ts.isIdentifier(n)) return
  for (const [, name] of n.text.matchAll(/\bMath\.(\w+)/g)) {
    const named = ofGlobal('Math', name)
    if (named !== undefined) add(n, { ...named, message: `in a text ${named.message}` }, `Math.${name}`)
  }
}
