import { aggregateFunctions } from './functions.ts'
import type { Tree } from './walk.ts'
import { functionName, isTree } from './walk.ts'

/**
 * A query of the form `select … from … where col = $1 and …`, every parameter compared with one column: the rows of many
 * keys can be read in one pass and told apart by that column. Places are in UTF-16 units.
 */
export interface KeyedShape {
  /** Where FROM and ORDER BY begin; no order: the end of the text. */
  readonly from: number
  readonly order: number
  /** It answers one row of sums and counts, so that it can be grouped by the columns compared. */
  readonly aggregate: boolean
  /** The comparisons, ascending: where each stands, its column as written, its parameter. */
  readonly keys: readonly {
    readonly at: number
    readonly length: number
    readonly column: string
    readonly number: number
  }[]
}

/** What may stand at the top of the statement besides: anything that looks at one row at a time, or at all of them in any order. */
export interface Plainness {
  readonly ordered: boolean
  readonly params: readonly { readonly at: number; readonly number: number; readonly length: number }[]
  readonly plain: boolean
  /** It would be plain but for its aggregates. */
  readonly folds: boolean
}

/** The keyed form of a select, or nothing. `unit` turns the parser's places into those of the text. */
export const keyedShape = (
  sql: string,
  top: Tree,
  { ordered, params, plain, folds }: Plainness,
  unit: (byte: number) => number,
): KeyedShape | undefined => {
  const aggregate = !plain && folds && !ordered && foldsOnly(top)
  if (!(plain || aggregate) || params.length === 0 || !isTree(top.whereClause)) return undefined
  const keys = conjuncts(top.whereClause).flatMap((c) => comparison(sql, c, unit) ?? [])
  const same = (p: { at: number; number: number; length: number }): boolean =>
    keys.some((k) => k.number === p.number && k.at <= p.at && p.at + p.length <= k.at + k.length)
  // Each parameter stands in one comparison and nowhere else, so that a key is known by its columns.
  if (keys.length !== params.length || !params.every(same)) return undefined
  if (new Set(keys.map((k) => k.number)).size !== keys.length) return undefined
  const places = clauses(sql)
  const [from, where, order] = [places.get('from'), places.get('where'), places.get('order')]
  if (from?.length !== 1 || where?.length !== 1 || (order?.length ?? 0) !== (ordered ? 1 : 0)) return undefined
  if (ordered && !columnsOnly(top)) return undefined
  const shape = {
    from: from[0]!,
    order: order?.[0] ?? sql.length,
    aggregate,
    keys: [...keys].sort((a, b) => a.at - b.at),
  }
  return shape.from < where[0]! && where[0]! < shape.keys[0]!.at && shape.keys.at(-1)!.at < shape.order
    ? shape
    : undefined
}

/** Aggregates that come to the same whatever the order of rows (sums of floats but for their last bits). */
const foldable: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max', 'bool_and', 'bool_or', 'every'])
/** Whether all of the answer is made of such aggregates and literals: then it is one row, whatever the tables hold. */
const foldsOnly = (top: Tree): boolean => {
  let folds = 0
  const fine = (x: unknown): boolean => {
    if (Array.isArray(x)) return x.every(fine)
    if (!isTree(x)) return true
    if ('SubLink' in x) return false
    const call = isTree(x.FuncCall) ? x.FuncCall : undefined
    const name = call === undefined ? '' : functionName(call)
    if (call !== undefined && (aggregateFunctions.has(name) || call.agg_star === true)) {
      if (!foldable.has(name) || call.agg_order !== undefined) return false
      folds++
    }
    return Object.values(x).every(fine)
  }
  return top.havingClause === undefined && fine(top.targetList) && folds > 0
}

const conjuncts = (where: Tree): readonly Tree[] => {
  const b = isTree(where.BoolExpr) ? where.BoolExpr : undefined
  return b?.boolop === 'AND_EXPR' && Array.isArray(b.args) ? b.args.filter(isTree) : [where]
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
const columnThenParam = new RegExp(String.raw`^(${identifier}(?:\s*\.\s*${identifier})*)\s*=\s*\$(\d+)(?!\d)`)
const paramThenColumn = new RegExp(String.raw`^\$(\d+)\s*=\s*(${identifier}(?:\s*\.\s*${identifier})*)`)

/** `col = $n` or `$n = col`, exactly. */
const comparison = (sql: string, c: Tree, unit: (byte: number) => number): KeyedShape['keys'][number] | undefined => {
  const e = isTree(c.A_Expr) ? c.A_Expr : undefined
  if (e?.kind !== 'AEXPR_OP' || nameOf(e.name) !== '=') return undefined
  const [l, r] = [isTree(e.lexpr) ? e.lexpr : {}, isTree(e.rexpr) ? e.rexpr : {}]
  const turned = isTree(l.ParamRef) && isTree(r.ColumnRef)
  const first = turned ? l.ParamRef : isTree(r.ParamRef) ? l.ColumnRef : undefined
  if (!isTree(first)) return undefined
  const at = unit(Number(first.location ?? 0))
  const m = (turned ? paramThenColumn : columnThenParam).exec(sql.slice(at))
  if (m === null) return undefined
  const [column, number] = turned ? [m[2]!, m[1]!] : [m[1]!, m[2]!]
  return { at, length: m[0].length, column, number: Number(number) }
}
const nameOf = (name: unknown): string => {
  const [one] = Array.isArray(name) ? (name as readonly unknown[]) : []
  return isTree(one) && isTree(one.String) && (name as readonly unknown[]).length === 1 ? String(one.String.sval) : ''
}

/**
 * ORDER BY may name columns of the answer, a window only those of the tables; so each item has to be a column that no
 * other expression of the answer is called by.
 */
const columnsOnly = (top: Tree): boolean => {
  const items = Array.isArray(top.sortClause) ? top.sortClause : []
  const targets = (Array.isArray(top.targetList) ? top.targetList : [])
    .map((t: unknown) => (isTree(t) ? t.ResTarget : undefined))
    .filter(isTree)
  return items.every((s: unknown) => {
    const by = isTree(s) && isTree(s.SortBy) && isTree(s.SortBy.node) ? columnPath(s.SortBy.node) : undefined
    if (by === undefined) return false
    const name = by.at(-1)!
    return (
      by.length > 1 || targets.every((t) => t.name !== name || (isTree(t.val) && columnPath(t.val)?.at(-1) === name))
    )
  })
}
const columnPath = (node: Tree): readonly string[] | undefined => {
  const fields = isTree(node.ColumnRef) && Array.isArray(node.ColumnRef.fields) ? node.ColumnRef.fields : undefined
  const names = fields?.map((f: unknown) => (isTree(f) && isTree(f.String) ? String(f.String.sval) : undefined))
  return names?.every((n) => n !== undefined) === true && names.length > 0 ? (names as readonly string[]) : undefined
}

/** Everything in which a word is no word of SQL: texts, quoted names, comments, dollar-quoted texts. */
const tokens =
  /[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|[([\])]|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/g

/** The places of FROM, WHERE and ORDER outside all brackets. */
const clauses = (sql: string): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, number[]>()
  let depth = 0
  for (const m of sql.matchAll(tokens)) {
    const word = m[0].toLowerCase()
    if (word === '(' || word === '[') depth++
    else if (word === ')' || word === ']') depth--
    else if (depth === 0 && ['from', 'where', 'order'].includes(word))
      found.set(word, [...(found.get(word) ?? []), m.index])
  }
  return found
}
