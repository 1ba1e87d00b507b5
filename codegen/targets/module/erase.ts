import type { ts } from 'ts-morph'

type Api = typeof ts

/**
 * Generated TypeScript without its types. The compiler's own way (`transpileModule`) makes a program and a type checker
 * for each text, which takes longer than everything else in compiling a small graph; cutting the types out needs its
 * parser only, and leaves the text as it is everywhere else. Generated code has no enum, no decorator and the like, for
 * which cutting would not do.
 */
export const withoutTypes = (api: Api, text: string): string => {
  const known = lately.get(text)
  if (known !== undefined) return known
  const js = cutOut(api, text)
  if (lately.size >= 32) lately.clear()
  lately.set(text, js)
  return js
}
/** Graphs that differ in constants only have the same code around their kernels. */
const lately = new Map<string, string>()

const cutOut = (api: Api, text: string): string => {
  const file = api.createSourceFile('module.ts', text, api.ScriptTarget.ES2022, false, api.ScriptKind.TS)
  const cuts: (readonly [from: number, to: number])[] = []
  const cut = (from: number, to: number): void => {
    cuts.push([from, to])
  }
  const visit = (n: ts.Node): void => {
    if (
      api.isInterfaceDeclaration(n) ||
      api.isTypeAliasDeclaration(n) ||
      (api.isImportDeclaration(n) && n.importClause?.isTypeOnly === true)
    )
      return cut(n.getStart(file), n.end)
    if (
      api.isParenthesizedExpression(n) &&
      api.isAsExpression(n.expression) &&
      api.isIdentifier(n.expression.expression)
    ) {
      cut(n.getStart(file), n.expression.getStart(file))
      return cut(n.expression.expression.end, n.end)
    }
    if (api.isAsExpression(n) || api.isSatisfiesExpression(n) || api.isNonNullExpression(n)) {
      visit(n.expression)
      return cut(n.expression.end, n.end)
    }
    if (api.isFunctionLike(n)) {
      if (n.typeParameters !== undefined) cut(n.typeParameters.pos - 1, n.typeParameters.end + 1)
      for (const p of n.parameters) visit(p)
      if (n.type !== undefined) cut(text.indexOf(')', n.parameters.end) + 1, n.type.end)
      const { body, name } = n as ts.FunctionDeclaration
      if (name !== undefined) visit(name)
      if (body !== undefined) visit(body)
      return
    }
    if (api.isParameter(n) || api.isVariableDeclaration(n) || api.isPropertyDeclaration(n)) {
      visit(n.name)
      if (n.type !== undefined) cut(n.name.end, n.type.end)
      if (n.initializer !== undefined) visit(n.initializer)
      return
    }
    if ((api.isCallExpression(n) || api.isNewExpression(n)) && n.typeArguments !== undefined)
      cut(n.typeArguments.pos - 1, n.typeArguments.end + 1)
    if (!api.isTypeNode(n)) api.forEachChild(n, visit)
  }
  visit(file)
  let out = ''
  let at = 0
  for (const [from, to] of cuts.sort((a, b) => a[0] - b[0])) {
    out += text.slice(at, from)
    at = Math.max(at, to)
  }
  return out + text.slice(at)
}
