import type { Expression, SourceFile, TaggedTemplateExpression } from 'ts-morph'
import { Node, SyntaxKind } from 'ts-morph'
import { notPortable } from '../../graph/sql/portable.ts'
import type { Finding } from './findings.ts'

const engines: ReadonlySet<string> = new Set(['duckdb', 'postgres'])

/** To which databases of graphs a file binds drivers: `{ risk: postgres({ pool }) }`. */
export const boundIn = (file: SourceFile): readonly (readonly [database: string, engine: string])[] =>
  file.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const called = call.getExpression()
    const engine = Node.isPropertyAccessExpression(called) ? called.getName() : called.getText()
    if (!engines.has(engine) || call.getType().getSymbol()?.getName() !== 'Driver') return []
    let at: Node | undefined = call.getParent()
    while (at !== undefined && chooses(at)) at = at.getParent()
    return Node.isPropertyAssignment(at) ? [[at.getName().replace(/^['"]|['"]$/g, ''), engine] as const] : []
  })
const chooses = (n: Node): boolean =>
  Node.isConditionalExpression(n) ||
  Node.isParenthesizedExpression(n) ||
  Node.isAsExpression(n) ||
  Node.isSatisfiesExpression(n)

const modes: ReadonlySet<string> = new Set(['one', 'maybe', 'many', 'exec'])
const home = /[\\/]graph[\\/]build[\\/]effects\.(d\.)?ts$/

/**
 * Queries that two engines may answer differently, and of which nobody has said for which engine they are. Those whose
 * database cannot be followed to its `sql(…)` are left alone.
 */
export const unportable = (file: SourceFile, asked: (database: string) => boolean): readonly Finding[] =>
  file.getDescendantsOfKind(SyntaxKind.TaggedTemplateExpression).flatMap((n) => {
    const query = queryOf(n)
    if (query === undefined || !asked(query.database)) return []
    const [first, ...more] = notPortable(query.text)
    if (first === undefined) return []
    const { line, column } = file.getLineAndColumnAtPos(n.getStart())
    const others = more.length === 0 ? '' : ` and ${more.length} more`
    return [
      {
        file: file.getFilePath(),
        line,
        column,
        cause: `the query of '${query.database}' is not portable: ${first}${others}`,
        remedy:
          "write it otherwise (docs/sql.md lists what is portable), or declare for which engine it is: { dialect: 'postgres' }",
      },
    ]
  })

/** The text of a query of which no dialect is declared. */
const queryOf = (n: TaggedTemplateExpression): { readonly database: string; readonly text: string } | undefined => {
  const tag = n.getTag()
  if (!Node.isCallExpression(tag)) return undefined
  const called = tag.getExpression()
  if (!Node.isPropertyAccessExpression(called) || !modes.has(called.getName())) return undefined
  const db = called.getExpression()
  const symbol = db.getType().getSymbol()
  if (symbol?.getName() !== 'Db' || !symbol.getDeclarations().some((d) => home.test(d.getSourceFile().getFilePath())))
    return undefined
  const made = madeBy(db)
  if (made === undefined || tag.getArguments().some(declares) || made.some(declares)) return undefined
  const [name] = made
  if (!Node.isStringLiteral(name)) return undefined
  const database = name.getLiteralText()
  const template = n.getTemplate()
  if (Node.isNoSubstitutionTemplateLiteral(template)) return { database, text: template.getLiteralText().trim() }
  const parts = [template.getHead(), ...template.getTemplateSpans().map((s) => s.getLiteral())]
  const text = parts.map((p) => p.getLiteralText()).reduce((s, part, i) => `${s}$${i}${part}`)
  return { database, text: text.trim() }
}
const declares = (n: Node): boolean =>
  Node.isObjectLiteralExpression(n)
    ? n.getProperty('dialect') !== undefined || n.getProperties().some((p) => Node.isSpreadAssignment(p))
    : Node.isIdentifier(n) && n.getType().getProperty('dialect') !== undefined

/** What `sql(…)` was given for a database; `db.as(tenant)` is of the same. */
const madeBy = (e: Expression): readonly Node[] | undefined => {
  if (Node.isCallExpression(e)) {
    const called = e.getExpression()
    if (Node.isIdentifier(called) && called.getText() === 'sql') return e.getArguments()
    return Node.isPropertyAccessExpression(called) && called.getName() === 'as'
      ? madeBy(called.getExpression())
      : undefined
  }
  if (!Node.isIdentifier(e)) return undefined
  for (const d of e.getDefinitionNodes()) {
    const from = Node.isVariableDeclaration(d) ? d.getInitializer() : undefined
    const made = from === undefined ? undefined : madeBy(from)
    if (made !== undefined) return made
  }
  return undefined
}
