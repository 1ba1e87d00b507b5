import type { Json } from '../../graph/values.ts'

/** One change of a certificate as JSON: where, what kind, and what came of it. */
export interface Corruption {
  readonly path: readonly (string | number)[]
  readonly how: How
  readonly result: Json
}
export const hows = ['drop', 'duplicate', 'swap', 'truncate', 'number', 'text', 'flag', 'rename', 'type'] as const
export type How = (typeof hows)[number]

type Pick = (below: number) => number
type Path = readonly (string | number)[]
const isObject = (j: Json): j is { readonly [k: string]: Json } =>
  typeof j === 'object' && j !== null && !Array.isArray(j)

/** Every place of a document with what may be done there. */
const places = (j: Json, path: Path = []): readonly { path: Path; how: How }[] => {
  const here = (...list: readonly How[]): readonly { path: Path; how: How }[] => list.map((how) => ({ path, how }))
  if (Array.isArray(j)) {
    const list: readonly How[] =
      j.length === 0 ? [] : j.length === 1 ? ['drop', 'duplicate'] : ['drop', 'duplicate', 'swap', 'truncate']
    return [...here(...list), ...j.flatMap((x, i) => places(x as Json, [...path, i]))]
  }
  if (isObject(j)) {
    const keys = Object.keys(j)
    return [
      ...here(...((keys.length === 0 ? [] : ['drop', 'rename']) as How[])),
      ...keys.flatMap((k) => places(j[k]!, [...path, k])),
    ]
  }
  if (typeof j === 'number') return here('number', 'type')
  if (typeof j === 'string') return here('text', 'type')
  return typeof j === 'boolean' ? here('flag', 'type') : []
}

const changed = (j: Json, how: How, pick: Pick): Json => {
  if (Array.isArray(j)) {
    const list = j as readonly Json[]
    const i = pick(list.length)
    if (how === 'drop') return list.filter((_, k) => k !== i)
    if (how === 'duplicate') return [...list.slice(0, i + 1), ...list.slice(i)]
    if (how === 'truncate') return list.slice(0, pick(list.length))
    const other = (i + 1 + pick(list.length - 1)) % list.length
    return list.map((x, k) => (k === i ? list[other]! : k === other ? list[i]! : x))
  }
  if (isObject(j)) {
    const keys = Object.keys(j)
    const gone = keys[pick(keys.length)]!
    const entries = Object.entries(j).flatMap(([k, v]) =>
      k !== gone ? [[k, v]] : how === 'drop' ? [] : [[`${k}_`, v]],
    )
    return Object.fromEntries(entries)
  }
  if (how === 'type') return [null, 'x', { x: 1 }, [], 0.5][pick(5)] as Json
  if (typeof j === 'number') return pick(4) === 0 ? -j - 1 : j + (pick(2) === 0 ? 1 : -1) * (1 + pick(5))
  if (typeof j === 'string')
    return j.length > 1 && pick(2) === 0 ? j.slice(1) : pick(3) === 0 && j !== '' ? '' : `${j}0`
  return typeof j === 'boolean' ? !j : null
}

const at = (j: Json, path: Path, f: (j: Json) => Json): Json => {
  const [head, ...rest] = path
  if (head === undefined) return f(j)
  if (Array.isArray(j)) return (j as readonly Json[]).map((x, i) => (i === head ? at(x, rest, f) : x))
  return Object.fromEntries(
    Object.entries(j as Record<string, Json>).map(([k, v]) => [k, k === head ? at(v, rest, f) : v]),
  )
}

/**
 * One corruption of a document, nothing when there is no place for one. Mostly any place is as likely as any other;
 * sometimes any kind of change is, so that rare kinds are met too.
 */
export const corrupt = (document: Json, pick: Pick): Corruption | undefined => {
  const all = places(document)
  const kinds = hows.filter((h) => all.some((p) => p.how === h))
  if (kinds.length === 0) return undefined
  const kind = kinds[pick(kinds.length)]!
  const fitting = pick(3) === 0 ? all.filter((p) => p.how === kind) : all
  const { path, how } = fitting[pick(fitting.length)]!
  return { path, how, result: at(document, path, (j) => changed(j, how, pick)) }
}
