import { aggregateFunctions, fileFunctions, setFunctions } from './functions.ts'

/** A node of the parser's tree: nested objects, each named by the key under which it hangs. */
export type Tree = Readonly<Record<string, unknown>>
export const isTree = (x: unknown): x is Tree => typeof x === 'object' && x !== null && !Array.isArray(x)

/** What a walk over one statement finds. */
export interface Found {
  readonly reads: Set<string>
  readonly writes: Set<string>
  readonly functions: Set<string>
  readonly params: { readonly at: number; readonly number: number }[]
  /** Parameters inside LIMIT or OFFSET, and inside the arguments of a function that reads files. */
  readonly limitParams: Set<number>
  readonly fileParams: Set<number>
  locking: boolean
  aggregates: boolean
  group: boolean
  distinct: boolean
  window: boolean
  setReturning: boolean
  sampled: boolean
}

export const emptyFound = (): Found => ({
  reads: new Set(),
  writes: new Set(),
  functions: new Set(),
  params: [],
  limitParams: new Set(),
  fileParams: new Set(),
  locking: false,
  aggregates: false,
  group: false,
  distinct: false,
  window: false,
  setReturning: false,
  sampled: false,
})

interface Scope {
  readonly ctes: readonly string[]
  readonly paramsInto?: Set<number> | undefined
}

/** Walks the tree, keeping which names are common table expressions where. */
export const walk = (node: unknown, found: Found, scope: Scope = { ctes: [] }): void => {
  if (Array.isArray(node)) {
    for (const x of node) walk(x, found, scope)
    return
  }
  if (!isTree(node)) return
  if (isTree(node.withClause)) {
    walkWith(node, node.withClause, found, scope)
    return
  }
  for (const [key, x] of Object.entries(node)) visit(key, x, found, scope)
}

/** A common table expression sees those before it; itself and all others only under WITH RECURSIVE. */
const walkWith = (node: Tree, clause: Tree, found: Found, scope: Scope): void => {
  const { withClause: _, ...rest } = node
  const ctes = (Array.isArray(clause.ctes) ? clause.ctes : []).map((c) => (isTree(c) ? c.CommonTableExpr : undefined))
  const names = ctes.map((c) => (isTree(c) ? String(c.ctename) : ''))
  ctes.forEach((c, i) => {
    const visible = clause.recursive === true ? names : names.slice(0, i)
    walk(c, found, { ...scope, ctes: [...scope.ctes, ...visible] })
  })
  walk(rest, found, { ...scope, ctes: [...scope.ctes, ...names] })
}

const visit = (key: string, x: unknown, found: Found, scope: Scope): void => {
  switch (key) {
    case 'RangeVar':
      if (isTree(x)) readTable(x, found, scope)
      return
    case 'relation':
    case 'rel': // the target of a write, where the parser gives it bare; a sampled table hangs here too
      if (isTree(x) && typeof x.relname === 'string') found.writes.add(tableName(x))
      else walk(x, found, scope)
      return
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      if (isTree(x) && isTree(x.relation)) found.reads.add(tableName(x.relation))
      break
    case 'onConflictClause':
      found.functions.add('on conflict')
      break
    case 'RangeFunction':
      if (isTree(x)) walkTableFunction(x, found, scope)
      return
    case 'FuncCall':
      if (isTree(x)) call(x, found)
      break
    case 'ParamRef':
      if (isTree(x)) param(x, found, scope)
      return
    case 'limitCount':
    case 'limitOffset':
      walk(x, found, { ...scope, paramsInto: found.limitParams })
      return
    case 'lockingClause':
      found.locking = true
      return
    case 'groupClause':
      found.group = true
      break
    case 'distinctClause':
      found.distinct = true
      break
    case 'RangeTableSample':
      found.sampled = true
      break
    case 'SQLValueFunction':
      return
    default:
      break
  }
  walk(x, found, scope)
}

const tableName = (t: Tree): string =>
  [t.catalogname, t.schemaname, t.relname].filter((s) => typeof s === 'string').join('.')

const readTable = (t: Tree, found: Found, scope: Scope): void => {
  if (t.schemaname === undefined && scope.ctes.includes(String(t.relname))) return
  found.reads.add(tableName(t))
}

const param = (p: Tree, found: Found, scope: Scope): void => {
  const number = Number(p.number ?? 0)
  found.params.push({ at: Number(p.location ?? 0), number })
  scope.paramsInto?.add(number)
}

/** The last part of a function's name: `pg_catalog.extract` is `extract`. */
export const functionName = (c: Tree): string => {
  const parts = Array.isArray(c.funcname) ? c.funcname : []
  const last: unknown = parts.at(-1)
  return isTree(last) && isTree(last.String) ? String(last.String.sval ?? '').toLowerCase() : ''
}

const call = (c: Tree, found: Found): void => {
  const name = functionName(c)
  found.functions.add(name)
  if (c.over !== undefined) found.window = true
  else if (aggregateFunctions.has(name) || c.agg_star === true || c.agg_within_group === true) found.aggregates = true
  if (setFunctions.has(name)) found.setReturning = true
}

/**
 * FROM f(…): a reader of files reads the files it names, a pure function reads nothing, any other reads by its name.
 */
const walkTableFunction = (node: Tree, found: Found, scope: Scope): void => {
  found.setReturning = true
  const lists = Array.isArray(node.functions) ? node.functions : []
  for (const list of lists) {
    const items = isTree(list) && isTree(list.List) && Array.isArray(list.List.items) ? list.List.items : []
    for (const item of items) {
      const c = isTree(item) && isTree(item.FuncCall) ? item.FuncCall : undefined
      if (c === undefined) {
        walk(item, found, scope)
        continue
      }
      const name = functionName(c)
      call(c, found)
      const isFile = fileFunctions.has(name)
      if (isFile) for (const file of filesOf(c)) found.reads.add(`file:${file}`)
      else if (!setFunctions.has(name)) found.reads.add(name)
      walk(c.args, found, isFile ? { ...scope, paramsInto: found.fileParams } : scope)
    }
  }
}

/** The files of a reader's first argument; `*` where they are not written out. */
const filesOf = (c: Tree): readonly string[] => {
  const first: unknown = Array.isArray(c.args) ? c.args[0] : undefined
  const one = textOf(first)
  if (one !== undefined) return [one]
  if (isTree(first) && isTree(first.A_ArrayExpr) && Array.isArray(first.A_ArrayExpr.elements)) {
    const all = first.A_ArrayExpr.elements.map(textOf)
    if (all.every((s) => s !== undefined)) return all
  }
  return ['*']
}
const textOf = (x: unknown): string | undefined =>
  isTree(x) && isTree(x.A_Const) && isTree(x.A_Const.sval) ? String(x.A_Const.sval.sval ?? '') : undefined
