import { loadModule, parseSync } from 'libpg-query'
import { portableFunctions, portableOperators, portableTypes } from './portable-table.ts'
import type { Tree } from './walk.ts'
import { isTree } from './walk.ts'

await loadModule()

/** Why PostgreSQL and DuckDB may answer a text differently: constructs outside the portable subset; nothing when it lies inside. */
export const notPortable = (sql: string): readonly string[] => {
  const odd = new Set<string>()
  try {
    const parsed: unknown = sql.includes('\0') || sql.length > longest ? undefined : parseSync(sql)
    const list: unknown = isTree(parsed) ? parsed.stmts : undefined
    const trees = Array.isArray(list) ? list.map((s: unknown) => (isTree(s) ? s.stmt : undefined)).filter(isTree) : []
    if (trees.length !== 1) return ["it is not one statement of PostgreSQL's grammar"]
    const [top] = trees
    new Look(odd, wordsOf(sql)).node(top, { named: true })
  } catch (e) {
    return [e instanceof RangeError ? 'it is nested too deeply' : "PostgreSQL's grammar does not take it"]
  }
  return [...odd]
}
const longest = 1_000_000

interface Words {
  /** Words outside quotes and comments that hold capitals, as the parser reads them. */
  readonly capitals: ReadonlySet<string>
  /** All words outside quotes and comments. */
  readonly bare: ReadonlySet<string>
}
const wordsOf = (sql: string): Words => {
  const [capitals, bare] = [new Set<string>(), new Set<string>()]
  const tokens =
    /[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/g
  for (const [word] of sql.matchAll(tokens)) {
    if (!/^[A-Za-z_\u0080-\uffff]/.test(word) || word.endsWith("'")) continue
    bare.add(word.toLowerCase())
    if (word !== word.toLowerCase()) capitals.add(word.toLowerCase())
  }
  return { capitals, bare }
}
/** Names in PostgreSQL, words of the language in DuckDB. */
const reserved: ReadonlySet<string> = new Set(
  'anti asof at describe glob lambda pivot pivot_longer pivot_wider positional qualify semi show summarize unpack unpivot'.split(
    ' ',
  ),
)

/** What stands around a node. */
interface Around {
  /** The select's columns need names, because somebody reads them by name. */
  readonly named?: boolean
  /** A parameter may stand here: its type is that of what it is compared with or put into. */
  readonly param?: boolean
  /** A cast to this type stands around it. */
  readonly cast?: string
}

const silent: ReadonlySet<string> = new Set(
  'location stmt_location stmt_len op limitOption inh relpersistence kind jointype boolop nulltesttype booltesttype subLinkType sortby_dir sortby_nulls frameOptions typemod funcformat override oncommit fields funcname alias aliasname agg_star agg_within_group agg_distinct name refname all isLocal is_local lateral isNatural rtindex ctename ctematerialized aliascolnames cterecursive recursive catalogname schemaname relname indirection number action groupDistinct usingClause'.split(
    ' ',
  ),
)
/** Nodes that mean the same on both as far as their parts do. */
const plain: ReadonlySet<string> = new Set(
  'BoolExpr NullTest BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr RangeSubselect JoinExpr List ColumnRef RangeVar Alias SetToDefault GroupingSet IndexElem InferClause OnConflictClause String Integer'.split(
    ' ',
  ),
)
const fields: ReadonlySet<string> = new Set('year quarter month week day dow isodow doy isoyear hour minute'.split(' '))
const kindsOfExpr: ReadonlySet<string> = new Set(
  'AEXPR_OP AEXPR_DISTINCT AEXPR_NOT_DISTINCT AEXPR_NULLIF AEXPR_IN AEXPR_LIKE AEXPR_BETWEEN AEXPR_NOT_BETWEEN'.split(
    ' ',
  ),
)
const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])

class Look {
  readonly #odd: Set<string>
  readonly #words: Words
  constructor(odd: Set<string>, words: Words) {
    this.#odd = odd
    this.#words = words
  }
  odd(what: string): void {
    this.#odd.add(what)
  }

  name(name: unknown): void {
    if (typeof name === 'string' && reserved.has(name) && this.#words.bare.has(name))
      this.odd(`the name ${name}, a word of DuckDB: write it in quotes`)
  }

  /** A value of the parser's tree: a list, a node under its kind, or the fields of one. */
  node(x: unknown, around: Around = {}): void {
    if (Array.isArray(x)) {
      for (const y of x) this.node(y, around)
      return
    }
    if (!isTree(x)) return
    const [kind] = Object.keys(x)
    if (kind !== undefined && /^[A-Z]/.test(kind)) this.#kind(kind, isTree(x[kind]) ? x[kind] : {}, around)
    else this.#parts(x, around)
  }
  #parts(x: Tree, around: Around = {}): void {
    for (const [key, y] of Object.entries(x)) if (!silent.has(key)) this.node(y, around)
  }

  #kind(kind: string, x: Tree, around: Around): void {
    switch (kind) {
      case 'SelectStmt':
        return this.#select(x, around)
      case 'InsertStmt':
        this.node(x.withClause)
        this.node(x.selectStmt, { param: true })
        this.node(x.onConflictClause)
        return this.#targets(x.returningClause ?? x.returningList)
      case 'UpdateStmt':
      case 'DeleteStmt': {
        const { returningList, returningClause, targetList, relation: _, ...rest } = x
        this.#parts(rest)
        this.node(targetList, { param: true })
        return this.#targets(returningClause ?? returningList)
      }
      case 'A_Const':
        return this.#constant(x, around)
      case 'ParamRef':
        if (around.param !== true && around.cast === undefined)
          this.odd(`$${String(x.number)} has no type of its own there: write cast($${String(x.number)} as …)`)
        return
      case 'A_Expr':
        return this.#operator(x)
      case 'TypeCast':
        return this.#cast(x)
      case 'FuncCall':
        return this.#call(x, around)
      case 'SortBy':
        if (x.sortby_dir === 'SORTBY_DESC' && x.sortby_nulls === 'SORTBY_NULLS_DEFAULT')
          this.odd('ORDER BY … DESC without NULLS FIRST or NULLS LAST')
        if (x.sortby_dir === 'SORTBY_USING') this.odd('ORDER BY … USING')
        return this.node(x.node)
      case 'CollateClause':
        if (namesOf(x.collname).join('.') !== 'C') this.odd(`COLLATE other than "C"`)
        return this.node(x.arg, around)
      case 'SubLink':
        if (x.subLinkType === 'ARRAY_SUBLINK') this.odd('ARRAY(…)')
        this.node(x.testexpr)
        return this.node(x.subselect)
      case 'CommonTableExpr':
        if (x.ctematerialized !== undefined && x.ctematerialized !== 'CTEMaterializeDefault') this.odd('MATERIALIZED')
        return this.node(x.ctequery, { named: x.aliascolnames === undefined })
      case 'RangeSubselect': {
        const alias = isTree(x.alias) ? x.alias : {}
        this.#alias(alias)
        return this.node(x.subquery, { named: alias.colnames === undefined })
      }
      case 'JoinExpr':
        if (x.jointype !== 'JOIN_INNER' && holds(x.quals, 'SubLink'))
          this.odd('a subquery in the condition of an outer join')
        this.#alias(x.alias)
        return this.#parts(x)
      case 'RangeVar':
        if (x.inh !== true) this.odd('ONLY')
        this.name(x.relname)
        return this.#alias(x.alias)
      case 'ColumnRef':
        for (const f of namesOf(x.fields)) this.name(f)
        return
      case 'ResTarget':
        this.name(x.name)
        return this.node(x.val, around)
      default:
        if (!plain.has(kind)) return this.odd(kindNames[kind] ?? `${kind}, which was not tried on both engines`)
        return this.#parts(x, kind === 'List' || kind === 'CaseExpr' ? around : {})
    }
  }

  #alias(x: unknown): void {
    if (!isTree(x)) return
    for (const n of [x.aliasname, ...namesOf(x.colnames)]) this.name(n)
  }
  #select(x: Tree, around: Around): void {
    if (x.lockingClause !== undefined) this.odd('FOR UPDATE or FOR SHARE')
    if (x.intoClause !== undefined) this.odd('SELECT … INTO')
    if (Array.isArray(x.distinctClause) && Object.keys((x.distinctClause[0] as Tree | undefined) ?? {}).length > 0)
      this.odd('DISTINCT ON')
    if (x.limitOption === 'LIMIT_OPTION_WITH_TIES') this.odd('WITH TIES')
    this.node(x.withClause)
    if (x.larg !== undefined) {
      this.node({ SelectStmt: x.larg }, around)
      this.node({ SelectStmt: x.rarg })
    }
    if (around.named === true) this.#targets(x.targetList)
    else this.node(x.targetList, around)
    const rest = ['fromClause', 'whereClause', 'groupClause', 'havingClause', 'windowClause', 'sortClause']
    for (const part of rest) this.node(x[part])
    this.node(x.valuesLists, { param: around.param === true })
    this.node(x.limitCount, { param: true })
    this.node(x.limitOffset, { param: true })
  }

  /** Columns that are read by their names: each has one that both engines spell alike. */
  #targets(list: unknown): void {
    const items: unknown = isTree(list) ? list.exprs : list
    for (const t of Array.isArray(items) ? (items as readonly unknown[]) : []) {
      const target = isTree(t) && isTree(t.ResTarget) ? t.ResTarget : {}
      const column = isTree(target.val) && isTree(target.val.ColumnRef) ? target.val.ColumnRef : undefined
      const name = typeof target.name === 'string' ? target.name : column && (namesOf(column.fields).at(-1) ?? '')
      if (name === undefined) this.odd('a column of the answer without a name: write … as name')
      else if (this.#words.capitals.has(name)) this.odd(`the name ${name} in capitals without quotes`)
      this.name(target.name)
      this.node(target.val, isTree(target.val) && isTree(target.val.A_Const) ? { named: true } : {})
    }
  }

  #constant(x: Tree, around: Around): void {
    if (x.isnull === true && around.named === true) this.odd('NULL as a column: write cast(null as …) as name')
    const float = isTree(x.fval) ? String(x.fval.fval) : undefined
    if (float === undefined) return
    if (/e/i.test(float)) this.odd(`the number ${float}: write cast('${float}' as double precision)`)
    else if (!float.includes('.') && BigInt(float) >= 2n ** 63n) this.odd(`the number ${float}, beyond bigint`)
  }

  #operator(x: Tree): void {
    const kind = String(x.kind)
    const op = namesOf(x.name).join('.')
    if (!kindsOfExpr.has(kind)) return this.odd(kind === 'AEXPR_ILIKE' ? 'ILIKE' : `${op} in the form ${kind}`)
    if (kind === 'AEXPR_OP' && !Object.hasOwn(portableOperators, op)) return this.odd(`the operator ${op}`)
    if (kind === 'AEXPR_LIKE') this.#pattern(x.rexpr)
    if (op === '/' && !(castOf(x.lexpr) === 'float8' && notZero(x.rexpr)))
      this.odd('/ other than cast(… as double precision) / nullif(…, 0)')
    if (op === '%' && !notZero(x.rexpr)) this.odd('% by what may be 0: write % nullif(…, 0)')
    const counts = kind === 'AEXPR_OP' && !comparisons.has(op) && op !== '||'
    if (counts && [x.lexpr, x.rexpr].some((e) => textOf(e) !== undefined))
      this.odd(`${op} of a text: write a number, or a cast`)
    const compares = kind !== 'AEXPR_OP' || comparisons.has(op)
    const both = isParam(x.lexpr) && isParam(x.rexpr)
    for (const side of [x.lexpr, x.rexpr]) this.node(side, { param: compares && !both })
  }
  #pattern(x: unknown): void {
    const text =
      isTree(x) && isTree(x.A_Const) && isTree(x.A_Const.sval) ? String(x.A_Const.sval.sval ?? '') : undefined
    const escaped = isTree(x) && isTree(x.FuncCall) && namesOf(x.FuncCall.funcname).at(-1) === 'like_escape'
    if (!escaped && (text === undefined || text.includes('\\')))
      this.odd('LIKE with a pattern that is not written out or holds a backslash: add ESCAPE')
  }

  #cast(x: Tree): void {
    const type = isTree(x.typeName) ? x.typeName : {}
    const name = typeNameOf(type)
    const array = Array.isArray(type.arrayBounds)
    if (!Object.hasOwn(portableTypes, name) || array || name === 'bytea') {
      this.odd(`a cast to ${name}${array ? '[]' : ''}`)
      return this.node(x.arg, { cast: name })
    }
    const mods = Array.isArray(type.typmods) ? type.typmods.map(integerOf) : []
    const given = isLiteral(x.arg) || isParam(x.arg)
    if (name === 'numeric' && !(mods.length === 2 && (mods[0] ?? 99) <= 18))
      this.odd('a cast to decimal without (p,s), p at most 18')
    if ((name === 'varchar' || name === 'text') && mods.length > 0) this.odd('a cast to text of a length')
    if ((name === 'varchar' || name === 'text') && !given)
      this.odd('a cast to text of anything but a parameter or a literal')
    if (name === 'interval' && !isLiteral(x.arg)) this.odd('an interval that is not written out')
    if (name === 'numeric' && castOf(x.arg) === 'float8') this.odd('a cast of double precision to decimal')
    // null::integer, and numbers whose type both engines then agree on.
    if (given && isTree(x.arg) && isTree(x.arg.A_Const)) return
    this.node(x.arg, { cast: name })
  }

  #call(x: Tree, around: Around): void {
    const parts = namesOf(x.funcname)
    const name = (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.')
    if (!Object.hasOwn(portableFunctions, name)) this.odd(`the function ${name}`)
    const args: readonly unknown[] = Array.isArray(x.args) ? x.args : []
    const held = this.#held(name, args, x, around)
    if (!held) this.odd(`${name} is portable only ${portableFunctions[name]?.only ?? ''}`)
    this.node(args, name === 'like_escape' ? { param: true } : {})
    for (const part of ['agg_filter', 'agg_order', 'over']) this.node(x[part])
  }
  #held(name: string, args: readonly unknown[], x: Tree, { cast }: Around): boolean {
    switch (name) {
      case 'round':
        return castOf(args[0]) === 'numeric'
      case 'mod':
        return notZero(args[1])
      case 'sqrt':
      case 'avg':
        return castOf(args[0]) === 'float8'
      case 'sum':
        return cast !== undefined
      case 'string_agg':
        return x.agg_order !== undefined
      case 'substring':
      case 'substr':
        return (integerOf(args[1]) ?? 0) >= 1
      case 'split_part':
        return (textOf(args[1]) ?? '') !== ''
      case 'lpad':
      case 'rpad':
        return args.length < 3 || (textOf(args[2]) ?? '') !== ''
      case 'date_trunc':
        return castOf(args[1]) === 'timestamp'
      case 'extract':
        return fields.has(textOf(args[0]) ?? '') && (cast === 'int4' || cast === 'int8')
      default:
        return true
    }
  }
}

const kindNames: Readonly<Record<string, string>> = {
  RowExpr: 'rows compared as a whole',
  A_ArrayExpr: 'arrays',
  A_Indirection: 'arrays and fields of composite values',
  RangeFunction: 'a function in FROM',
  RangeTableSample: 'TABLESAMPLE',
  SQLValueFunction: 'the clock and the user of the server: give them as parameters',
  MergeStmt: 'MERGE',
  GroupingFunc: 'GROUPING(…)',
}
const namesOf = (list: unknown): readonly string[] =>
  (Array.isArray(list) ? list : []).map((n: unknown) => (isTree(n) && isTree(n.String) ? String(n.String.sval) : '*'))
const typeNameOf = (t: Tree): string =>
  namesOf(t.names)
    .filter((n) => n !== 'pg_catalog')
    .join('.')
const castOf = (x: unknown): string | undefined =>
  isTree(x) && isTree(x.TypeCast) && isTree(x.TypeCast.typeName) ? typeNameOf(x.TypeCast.typeName) : undefined
const isParam = (x: unknown): boolean => isTree(x) && 'ParamRef' in x
const isLiteral = (x: unknown): boolean => isTree(x) && 'A_Const' in x
const integerOf = (x: unknown): number | undefined => {
  const c = isTree(x) && isTree(x.A_Const) && isTree(x.A_Const.ival) ? x.A_Const.ival : undefined
  return c === undefined ? undefined : Number(c.ival ?? 0)
}
const textOf = (x: unknown): string | undefined =>
  isTree(x) && isTree(x.A_Const) && isTree(x.A_Const.sval) ? String(x.A_Const.sval.sval ?? '') : undefined
const holds = (x: unknown, kind: string): boolean =>
  Array.isArray(x)
    ? x.some((y: unknown) => holds(y, kind))
    : isTree(x) && Object.entries(x).some(([k, y]) => k === kind || holds(y, kind))
/** A number that is written out and is not 0, or nullif(…, 0). */
const notZero = (x: unknown): boolean => {
  const n = integerOf(x)
  if (n !== undefined) return n !== 0
  const e = isTree(x) && isTree(x.A_Expr) ? x.A_Expr : undefined
  return e?.kind === 'AEXPR_NULLIF' && integerOf(e.rexpr) === 0
}
