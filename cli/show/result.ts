import { isDecimal, isNumeric } from '../../graph/elem.ts'
import type { Fields, TensorType, Type } from '../../graph/types.ts'
import { elementOf, isScalar } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import type { Colors } from '../output.ts'
import type { TableColumn } from './table.ts'
import { table } from './table.ts'

/** How much of a long result people are shown; --json prints all of it. */
const mostRows = 20
const mostItems = 10
const mostText = 200

/**
 * A result for people: a field a line, lists of records and columns of one dimension as tables, long things cut with
 * a word on how much there is. Works on the JSON form, which is the same wherever the result came from.
 */
export const showResult = (t: Type, json: Json, c: Colors): string => [...block(t, json, c), ''].join('\n')

type Obj = Readonly<Record<string, Json>>

/** Something that may take several lines. */
const block = (t: Type, x: Json, c: Colors): readonly string[] => {
  switch (t.kind) {
    case 'record':
      return fields(t.fields, x as Obj, c)
    case 'list':
      return list(t.of, x as readonly Json[], c)
    case 'tensor':
      return t.shape.length < 2 ? [inline(t, x)] : grid(t, x as readonly Json[])
    case 'option':
      return x === null ? ['none'] : block(t.of, (x as readonly Json[])[0]!, c)
    case 'union': {
      const [tag, value] = Object.entries(x as Obj)[0]!
      return under(tag, t.cases.find(([n]) => n === tag)![1], value, c, tag.length)
    }
    case 'result':
      return 'err' in (x as Obj) ? [inline(t, x)] : block(t.of, (x as Obj).ok!, c)
  }
}

/** Fields of a record; those that are columns of one dimension stand together as a table, at the place of the first. */
const fields = (fs: Fields, x: Obj, c: Colors): readonly string[] => {
  if (fs.length === 0) return ['{}']
  const together = new Map<string, Fields>()
  for (const f of fs) {
    const dim = columnDim(f[1])
    if (dim !== undefined) together.set(dim, [...(together.get(dim) ?? []), f])
  }
  const width = Math.max(...fs.filter(([, t]) => isInline(t)).map(([n]) => n.length), 0)
  const done = new Set<string>()
  return fs.flatMap(([n, t]) => {
    if (done.has(n)) return []
    const mates = together.get(columnDim(t) ?? '') ?? []
    if (mates.length < 2) return under(n, t, x[n]!, c, width)
    for (const [m] of mates) done.add(m)
    const columns = mates.map(([m, u]) => [m, elementOf(u)!.of, x[m] as readonly Json[]] as const)
    return [c.bold(`${columnDim(t)}`), ...indent(columnsTable(columns, c))]
  })
}
const columnDim = (t: Type): string | undefined =>
  t.kind === 'tensor' && t.shape.length === 1 && typeof t.shape[0] === 'string' ? t.shape[0] : undefined

const isInline = (t: Type): boolean =>
  t.kind === 'tensor' ? t.shape.length < 2 : (t.kind === 'option' || t.kind === 'result') && isInline(t.of)
const under = (name: string, t: Type, x: Json, c: Colors, width: number): readonly string[] => {
  if (isInline(t)) return [`${c.bold(name.padEnd(width))}  ${inline(t, x)}`]
  return [c.bold(name), ...indent(block(t, x, c))]
}
const indent = (lines: readonly string[]): readonly string[] => lines.map((l) => `  ${l}`)

const list = (of: Type, items: readonly Json[], c: Colors): readonly string[] => {
  if (of.kind === 'record' && of.fields.length > 0) {
    return columnsTable(
      of.fields.map(([n, t]) => [n, t, items.map((i) => (i as Obj)[n]!)] as const),
      c,
    )
  }
  if (items.length === 0) return ['[]']
  return [...items.slice(0, mostRows).map((i) => `- ${inline(of, i)}`), ...rest(items.length)]
}
const columnsTable = (columns: readonly (readonly [string, Type, readonly Json[]])[], c: Colors): readonly string[] => {
  const shown = columns.map(
    ([name, type, cells]): TableColumn => ({
      name,
      right: isNumber(type),
      cells: cells.slice(0, mostRows).map((x) => inline(type, x)),
    }),
  )
  return [...table(shown, c), ...rest(columns[0]?.[2].length ?? 0)]
}
const rest = (n: number): readonly string[] =>
  n === 0
    ? ['no rows']
    : n > mostRows
      ? [`… ${(n - mostRows).toLocaleString('en-US')} more of ${n.toLocaleString('en-US')}; --json prints all`]
      : []
const isNumber = (t: Type): boolean =>
  t.kind === 'option' ? isNumber(t.of) : isScalar(t) && t.elem !== 'bool' && (isNumeric(t.elem) || isDecimal(t.elem))

const grid = (t: TensorType, x: readonly Json[]): readonly string[] => {
  const row = { ...t, shape: t.shape.slice(1) }
  if (x.length === 0) return ['[]']
  return [...x.slice(0, mostItems).map((r) => inline(row, r)), ...(x.length > mostItems ? [`… ${x.length} rows`] : [])]
}

/** Anything in one line. */
const inline = (t: Type, x: Json): string => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.length === 0 ? atom(t.elem, x) : items({ ...t, shape: t.shape.slice(1) }, x as readonly Json[])
    case 'list':
      return items(t.of, x as readonly Json[])
    case 'option':
      return x === null ? 'none' : inline(t.of, (x as readonly Json[])[0]!)
    case 'record':
      return `{${t.fields.map(([n, f]) => `${n}: ${inline(f, (x as Obj)[n]!)}`).join(', ')}}`
    case 'union': {
      const [tag, value] = Object.entries(x as Obj)[0]!
      return `${tag} ${inline(t.cases.find(([n]) => n === tag)![1], value)}`
    }
    case 'result': {
      const { err } = x as { err?: { tag: string; message: string } }
      return err === undefined ? inline(t.of, (x as Obj).ok!) : `error ${err.tag}: ${cut(err.message)}`
    }
  }
}
const items = (of: Type, x: readonly Json[]): string => {
  const shown = x.slice(0, mostItems).map((y) => inline(of, y))
  return `[${[...shown, ...(x.length > mostItems ? ['…'] : [])].join(', ')}]${x.length > mostItems ? ` (${x.length.toLocaleString('en-US')})` : ''}`
}
const atom = (elem: string, x: Json): string => {
  if (elem === 'unit') return '()'
  if (elem === 'json') return cut(JSON.stringify(x))
  if (elem === 'bytes') return `${cut(String(x))} (base64)`
  // Control characters would repaint the terminal of whoever looks at a database they do not own.
  return cut(String(x).replace(/\p{Cc}/gu, (k) => (k === '\n' ? '⏎' : k === '\t' ? ' ' : '�')))
}
const cut = (s: string): string => (s.length > mostText ? `${s.slice(0, mostText - 1)}…` : s)
