import { ts } from 'ts-morph'
import type { Rule } from './finding.ts'
import type { Named } from './names.ts'
import { ofGlobal, ofImport, watched } from './names.ts'

/** Something a rule speaks of, before anybody has asked whether it is allowed. */
export interface Hit {
  readonly rule: Rule
  /** From the beginning of the file. */
  readonly at: number
  /** What stands there, shortened: `Math.exp`, `node:fs`. An allowance may name it. */
  readonly what: string
  readonly message: string
}

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
    const maker = takenConstructor(node)
    if (maker !== undefined) add(maker, { rule: 'dynamic-code', message: 'can make code of text' }, '.constructor')
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
  if (world) everything(id.text, id, add)
  else global(id.text, id, add)
}
/** The object that holds all globals. */
const everything = (name: string, node: ts.Expression, add: Add): void => {
  // `typeof window` asks where the program runs; all else with the whole object may become anything.
  if (ts.isTypeOfExpression(node.parent)) return
  const used = member(node)
  if (used !== undefined) {
    if (worlds.has(used.name)) everything(used.name, used.node, add)
    else if (watched.has(used.name)) global(used.name, used.node, add)
    return
  }
  const taken = takenOf(node)
  for (const n of taken.filter((t) => watched.has(t)))
    add(node, ofGlobal(n, undefined) ?? { ...clock, message: 'as a value may read a clock' }, n)
  if (taken.some((t) => t === '*' || worlds.has(t)))
    add(node, { rule: 'dynamic-code', message: 'as a value may become any global' }, name)
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
  const taken = used === undefined ? takenOf(node) : [used.name]
  if (taken.includes('*')) {
    const named = ofGlobal(name, undefined)
    if (named !== undefined) add(node, named, name)
    return
  }
  for (const n of taken) {
    const named = ofGlobal(name, n)
    if (named !== undefined) add(node, named, isWhole(name) ? name : `${name}.${n}`)
  }
}
/** Whether all of a global means one thing, whatever is taken of it. */
const isWhole = (name: string): boolean =>
  ofGlobal(name, '') !== undefined && ofGlobal(name, '') === ofGlobal(name, undefined)

/**
 * Whether the constructor of something is taken: that of a function makes code of a text. To compare it, and to tell its
 * name, makes none.
 */
const takenConstructor = (n: ts.Node): ts.Node | undefined => {
  if (ts.isBindingElement(n)) return isNamed(n.propertyName ?? n.name) ? n : undefined
  if (ts.isPropertyAssignment(n) || ts.isShorthandPropertyAssignment(n))
    return isNamed(n.name) && isTarget(n.parent) ? n : undefined
  const name = ts.isPropertyAccessExpression(n) ? n.name : ts.isElementAccessExpression(n) ? n.argumentExpression : n
  if (name === n || !isNamed(name) || member(n)?.name === 'name') return undefined
  const { parent } = bare(n)
  return ts.isBinaryExpression(parent) && equalities.has(parent.operatorToken.kind) ? undefined : name
}
const isNamed = (n: ts.Node): boolean => {
  const name = ts.isComputedPropertyName(n) ? n.expression : n
  return (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) && name.text === 'constructor'
}
const isTarget = (n: ts.Node): boolean =>
  ts.isBinaryExpression(n.parent) && n.parent.left === n && n.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
const equalities: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
])

const clock: Named = { rule: 'clock', message: 'reads a clock' }
const date = (node: ts.Expression, used: string | undefined, add: Add): void => {
  const { parent } = node
  if (used === 'now') return add(node, clock, 'Date.now')
  if (used !== undefined) return
  if (ts.isNewExpression(parent) && parent.expression === node)
    return parent.arguments?.some((a) => !ts.isSpreadElement(a)) === true ? undefined : add(parent, clock, 'new Date()')
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
  return symbol?.declarations?.some((d) => !isTypeOnly(d) && !isInAmbient(d)) ?? false
}
/** What is gone when the file runs: `import type { fetch }`, and a namespace, which is stripped or refused. */
const isTypeOnly = (d: ts.Declaration): boolean =>
  ts.isInterfaceDeclaration(d) ||
  ts.isTypeAliasDeclaration(d) ||
  ts.isModuleDeclaration(d) ||
  ts.isTypeOnlyImportDeclaration(d)
/** `declare const fetch`, `declare global { var fetch }`: neither brings anything of its own. */
const isInAmbient = (d: ts.Node): boolean => {
  for (let n: ts.Node | undefined = d; n !== undefined; n = n.parent) if (isAmbient(n)) return true
  return false
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
  let [first] = n.arguments
  // `import('koffi' as string)` hides the name from the type checker alone.
  while (first !== undefined && (ts.isAsExpression(first) || ts.isSatisfiesExpression(first))) first = first.expression
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
  if (isExact(n.left, n.right)) return
  add(n.operatorToken, { rule: 'inexact-math', message: 'may differ in its last bits between engines' }, '**')
}
/** Whole numbers without end are exact, so are two to a whole number, and what is a whole number with all its digits. */
const isExact = (left: ts.Expression, right: ts.Expression): boolean => {
  if ([left, right].some((s) => ts.isBigIntLiteral(s) || isBigIntCall(s))) return true
  if (!ts.isNumericLiteral(left)) return false
  const base = Number(left.text)
  if (base === 2) return isWholeNumber(right)
  if (!ts.isNumericLiteral(right) || ![base, Number(right.text)].every((x) => Number.isSafeInteger(x) && x < 1024))
    return false
  return BigInt(base) ** BigInt(right.text) <= BigInt(Number.MAX_SAFE_INTEGER)
}
/** As far as it can be read here: a literal, or what was made of whole numbers by whole steps; a name is taken at its word. */
const isWholeNumber = (e: ts.Expression): boolean => {
  if (ts.isNumericLiteral(e)) return Number.isInteger(Number(e.text))
  if (ts.isParenthesizedExpression(e)) return isWholeNumber(e.expression)
  if (ts.isPrefixUnaryExpression(e)) return isWholeNumber(e.operand)
  if (ts.isBinaryExpression(e))
    return e.operatorToken.kind !== ts.SyntaxKind.SlashToken && isWholeNumber(e.left) && isWholeNumber(e.right)
  if (ts.isPropertyAccessExpression(e) && ts.isIdentifier(e.expression) && e.expression.text === 'Math') return false
  return true
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
