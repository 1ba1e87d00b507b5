import { elementary } from '../../graph/elementary/index.ts'
import { decodeValue } from '../../graph/json-value.ts'
import { meaning } from '../../graph/meaning/index.ts'
import { meanings } from '../../graph/meaning/table.ts'
import { prims } from '../../graph/prims.ts'
import { isScalar, parseType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import type { Step } from '../program/types.ts'
import { data, written } from './literal.ts'

/** Where the meaning of an operation stands in Quoin's sources, and the expression that names it there. */
export interface Meant {
  readonly file: string
  readonly name: string
  readonly text: string
}
export const meantBy = (op: string): Meant => {
  const file = (family: string): string => `graph/meaning/${family}.ts`
  if (Object.hasOwn(elementary, op))
    return { file: file('elementwise'), name: 'elementaryOf', text: `elementaryOf('${op}')` }
  for (const [family, members] of Object.entries(meaning)) {
    const found = Object.entries(members).find(([, f]) => f === meanings[op])
    if (found !== undefined) return { file: file(family), name: found[0], text: found[0] }
  }
  if (Object.hasOwn(prims, op)) return { file: file('elementwise'), name: 'prim', text: `prim('${op}')` }
  throw new Error(`bug: ${op} has no meaning`)
}

const unusual: Readonly<Record<string, string>> = {
  Infinity: 'Number.POSITIVE_INFINITY',
  '-Infinity': 'Number.NEGATIVE_INFINITY',
  NaN: 'Number.NaN',
}
/** A literal as JavaScript writes it, where it is a single number, truth or text. */
export const plainLiteral = (s: Step): string | undefined => {
  if (s.op !== 'const') return undefined
  const { type: shown, value } = s.attrs as { readonly type: string; readonly value: Json }
  const type = parseType(shown)
  if (typeof type === 'string' || !isScalar(type)) return undefined
  const read = decodeValue(type, value)
  if (read._tag === 'Left') return undefined
  const v = read.right
  if (typeof v === 'number') return Object.is(v, -0) ? '-0' : (unusual[String(v)] ?? String(v))
  if (typeof v === 'bigint') return `${v}n`
  return (typeof v === 'string' && type.elem === 'string') || typeof v === 'boolean' ? JSON.stringify(v) : undefined
}

/** Attributes that a meaning looks at: types stand beside it anyway. */
export const attributesOf = (s: Step): string => {
  const held: Readonly<Record<string, string>> = { none: 'of', inject: 'type', join: 'dim' }
  const fields = Object.entries(s.attrs as Readonly<Record<string, Json>>).filter(([k]) => k !== held[s.op])
  return written(data(Object.fromEntries(fields)), '', -10_000)
}

/** What a step is called where nobody has given it a name. */
const called: Partial<Record<Step['kind'], string>> = {
  kernel: 'outputs',
  map: 'mapped',
  cond: 'chosen',
  match: 'matched',
  loop: 'state',
  fork: 'branched',
  cached: 'found',
  attempt: 'tried',
  transaction: 'done',
  assert: 'sound',
  decode: 'read',
}
/**
 * Names for the steps of a block: what the user called a call, a field or a column, else the field of a record that the value
 * goes into, else what is done.
 */
export const stepNames = (steps: readonly Step[], site: (occurrence: number) => string): readonly string[] => {
  const into = new Map<number, string>()
  for (const s of steps) {
    if (s.op !== 'record' && s.op !== 'rows') continue
    const { fields } = s.attrs as { readonly fields: readonly string[] }
    s.args.forEach((a, i) => {
      if (a.at === 'step' && !into.has(a.index)) into.set(a.index, fields[i]!)
    })
  }
  return steps.map((s, k) => {
    const a = s.attrs as { readonly occurrence?: number; readonly name?: string } | null
    const own = s.kind === 'effect' ? site(a!.occurrence!) || a!.name : undefined
    if (own !== undefined && own !== '') return own
    if ((s.op === 'field' || s.op === 'column') && !/^\d+$/.test(a!.name!)) return a!.name!
    return into.get(k) ?? called[s.kind] ?? (s.op === 'record' ? 'all' : s.op)
  })
}
