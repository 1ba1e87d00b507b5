import { outside, tableKey } from '../../graph/sql/covers.ts'
import { notPortable } from '../../graph/sql/portable.ts'
import type { Type } from '../../graph/types.ts'
import { elementOf, isScalar, showType } from '../../graph/types.ts'
import type { Described, DescribedColumn, Finding, Touched } from './finding.ts'
import type { QueryOf } from './queries.ts'

type Told = Omit<Finding, 'place'>
const error = (cause: string, remedy: string): Told => ({ level: 'error', cause, remedy })
const warning = (cause: string, remedy: string): Told => ({ level: 'warning', cause, remedy })

/** Holds what a server says of a query to what the graph says of it. */
export const compare = (q: QueryOf, d: Described): readonly Told[] => [
  ...parameters(q, d),
  ...(q.attrs.mode === 'exec' ? [] : columns(q, d)),
  ...footprint(q, d.touches),
  ...d.unseen.map(
    (what): Told => ({
      level: 'note',
      cause: what,
      remedy: 'see to it that the query declares what that reads and writes',
    }),
  ),
  ...portable(q, d),
]

const codec = (elem: string): string => (elem.startsWith('decimal') ? `t.${elem}` : `t.${elem}`)

const parameters = ({ attrs, params }: QueryOf, d: Described): readonly Told[] => {
  if (d.params.length !== params.length) {
    const n = (k: number): string => `${k} ${k === 1 ? 'parameter' : 'parameters'}`
    return [
      error(
        `the text has ${n(d.params.length)}, and the graph gives ${params.length}`,
        'write as many holes as the text has parameters',
      ),
    ]
  }
  return d.params.flatMap(({ type, takes, list }, i) => {
    const given = params[i]!
    const inner = given.kind === 'option' ? given.of : given
    const element = elementOf(inner)
    const elem = list
      ? element !== undefined && isScalar(element.of)
        ? element.of.elem
        : undefined
      : isScalar(inner)
        ? inner.elem
        : undefined
    if (takes === undefined || (elem !== undefined && takes.some((t) => sameElem(t, elem)))) return []
    const fix =
      takes.length === 0
        ? 'cast it in the query'
        : `give ${takes.map(codec).join(' or ')}, or write cast($${i + 1} as …) in the query`
    return [error(`$${i + 1} of '${attrs.name}' is ${type} there, and the graph gives ${showType(given)}`, fix)]
  })
}
/** `decimal` stands for a decimal of any scale. */
const sameElem = (a: string, b: string): boolean => a === b || (a === 'decimal' && b.startsWith('decimal('))

const columns = ({ attrs }: QueryOf, d: Described): readonly Told[] => {
  const { row } = attrs
  if (row.kind !== 'record') return []
  const declared = new Map(row.fields)
  const has = new Set(d.columns.map((c) => c.name))
  const listed = d.columns.length === 0 ? 'no columns' : d.columns.map((c) => `'${c.name}'`).join(', ')
  const missing = [...declared.keys()].filter((name) => !has.has(name))
  const surplus = d.columns.filter((c) => !declared.has(c.name))
  const unknown = d.columns.filter(
    (c) => c.nullable === 'unknown' && declared.has(c.name) && declared.get(c.name)!.kind !== 'option',
  )
  const twice = [...has].filter((name) => d.columns.filter((c) => c.name === name).length > 1)
  return [
    ...missing.map((name) =>
      error(
        `the row declares column '${name}', and the query answers ${listed}`,
        `select it (… as "${name}"), or remove '${name}' from the row`,
      ),
    ),
    ...twice.map((name) =>
      error(`the query answers two columns '${name}'`, `give each its own name (… as "${name}_2")`),
    ),
    ...surplus.map((c) =>
      warning(
        `the query answers column '${c.name}', which the row does not declare`,
        `leave it out of the query, or declare ${c.name}: ${suggestion(c)}`,
      ),
    ),
    ...d.columns.flatMap((c) => (declared.has(c.name) ? column(c, declared.get(c.name)!) : [])),
    ...(unknown.length === 0
      ? []
      : [
          {
            level: 'note' as const,
            cause: `whether ${unknown.map((c) => `'${c.name}'`).join(', ')} can be NULL cannot be known: ${unknown.length === 1 ? 'it is computed' : 'they are computed'}, or a join may leave them out`,
            remedy: 'declare t.option(…) where it can',
          },
        ]),
  ]
}
const suggestion = (c: DescribedColumn): string => {
  const one = c.fits[0] === undefined ? undefined : codec(c.fits[0])
  const of = one === undefined ? 't.string (with a cast to text)' : c.list ? `t.list(${one})` : one
  return c.nullable === 'yes' ? `t.option(${of})` : of
}

const column = (c: DescribedColumn, type: Type): readonly Told[] => {
  const optional = type.kind === 'option'
  const inner = optional ? type.of : type
  const element = elementOf(inner)
  const elem = c.list
    ? element !== undefined && isScalar(element.of)
      ? element.of.elem
      : undefined
    : isScalar(inner)
      ? inner.elem
      : undefined
  if (elem === undefined || !c.fits.some((f) => sameElem(f, elem)))
    return [
      error(
        `column '${c.name}' is ${c.type}, and the row declares ${showType(type)}`,
        `declare ${c.name}: ${suggestion(c)}, or cast it in the query`,
      ),
    ]
  return c.nullable === 'yes' && !optional
    ? [
        warning(
          `column '${c.name}' can be NULL, and the row declares ${showType(type)}`,
          `declare ${c.name}: t.option(${codec(elem)}), or keep NULL out: coalesce(${c.name}, …)`,
        ),
      ]
    : []
}

/** What a query really touches lies within its footprint. */
const footprint = ({ attrs }: QueryOf, touches: readonly Touched[]): readonly Told[] =>
  (['reads', 'writes'] as const).flatMap((how) => {
    const declared = attrs[how]
    const missing = touches.filter((t) => t.how === how && t.names.every((n) => outside([n], declared).length > 0))
    if (missing.length === 0) return []
    const names = [...new Set(missing.map((t) => t.names[0]!))].sort()
    const told = missing.map((t) => `${t.names[0]}${t.via === '' ? '' : ` (${t.via})`}`)
    return [
      error(
        `'${attrs.name}' ${how} ${[...new Set(told)].sort().join(', ')}, outside its footprint`,
        `declare { ${how}: [${[...new Set([...declared, ...names])].map((n) => `'${n}'`).join(', ')}] }`,
      ),
    ]
  })

/** The half of the portable subset that the text cannot tell: types of columns. */
const portable = ({ attrs }: QueryOf, d: Described): readonly Told[] => {
  if (attrs.dialect !== 'portable') return []
  const odd = [...notPortable(attrs.sql), ...d.outsideTypes]
  return odd.length === 0
    ? []
    : [
        warning(
          `'${attrs.name}' is declared portable, and is not: ${odd.join('; ')}`,
          'see docs/sql.md for what the engines answer alike',
        ),
      ]
}

/** One table under two names, which conflicts would not see. */
export const aliases = (
  all: readonly { readonly q: QueryOf; readonly touches: readonly Touched[] }[],
): readonly { readonly q: QueryOf; readonly told: Told }[] => {
  const first = new Map<string, { readonly q: QueryOf; readonly name: string }>()
  return all.flatMap(({ q, touches }) =>
    touches.flatMap(({ names }) => {
      if (names.length < 2) return []
      const used = [...q.attrs.reads, ...q.attrs.writes].find((n) => names.some((m) => tableKey(m) === tableKey(n)))
      if (used === undefined) return []
      const key = names.map(tableKey).sort().join(' ')
      const before = first.get(key)
      if (before === undefined) first.set(key, { q, name: tableKey(used) })
      else if (before.name !== tableKey(used) && before.q !== q)
        return [
          {
            q,
            told: error(
              `'${q.attrs.name}' says '${used}' for the table that '${before.q.attrs.name}' calls '${before.name}'`,
              'call it by one name in both, so that it is seen that they touch the same rows',
            ),
          },
        ]
      return []
    }),
  )
}
