import type { Dim, Type } from './types.ts'
import { casesOf, freeDims, isRagged } from './types.ts'
import type { Column, Json, OptionValue, RecordValue, ResultValue, TensorValue, UnionValue, Value } from './values.ts'
import { elementAt, lengthOf } from './values.ts'

/** Sizes of named dimensions so far. */
type Sizes = Map<string, number>
type Misfit = { readonly path: string; readonly problem: string }

/**
 * Where a value has two sizes for one dimension, as `path` and what is wrong there. A ragged name has one size in each
 * element of its list. Elements are looked at only where their type leaves room for such a mistake.
 */
export const sizeMisfit = (t: Type, v: Value, path = '$'): Misfit | undefined =>
  mayDiffer(t) ? misfit(t, v, path, new Map()) : undefined

const misfit = (t: Type, v: Value, path: string, sizes: Sizes): Misfit | undefined => {
  const agree = (d: Dim, n: number): Misfit | undefined => {
    const known = typeof d === 'number' ? d : (sizes.get(d) ?? n)
    if (typeof d === 'string') sizes.set(d, known)
    return known === n ? undefined : { path, problem: `has ${n} elements where dimension ${d} is ${known}` }
  }
  switch (t.kind) {
    case 'tensor': {
      const { shape } = t.shape.length === 0 ? { shape: [] } : (v as TensorValue)
      return first(t.shape, (d, k) => agree(d, shape[k]!))
    }
    case 'record':
      return first(t.fields, ([n, f]) => misfit(f, (v as RecordValue)[n]!, `${path}.${n}`, sizes))
    case 'option': {
      const o = v as OptionValue
      return o._tag === 'None' ? undefined : misfit(t.of, o.value, path, sizes)
    }
    case 'result': {
      const r = v as ResultValue
      return r._tag === 'Err' ? undefined : misfit(t.of, r.value, `${path}.value`, sizes)
    }
    case 'union': {
      const u = v as UnionValue
      return misfit(casesOf(t)!.find(([n]) => n === u._tag)![1], u.value, `${path}.value`, sizes)
    }
    case 'list': {
      const n = lengthOf(v as Column)
      const wrong = agree(t.dim, n)
      if (wrong !== undefined || !meetInside(t, sizes)) return wrong
      for (let i = 0; i < n; i++) {
        const own: Sizes = new Map([...sizes].filter(([d]) => !isRagged(d)))
        const odd = misfit(t.of, elementAt(t.of, v as Column, i), `${path}[${i}]`, own)
        if (odd !== undefined) return odd
        for (const [d, size] of own) if (!isRagged(d)) sizes.set(d, size)
      }
      return undefined
    }
  }
}

/**
 * Names of dimensions to which a literal, in its JSON form, gives a size: what it does not hold (the value of a none, the
 * elements of an empty list, another case) has none.
 */
export const dimsOfLiteral = (t: Type, json: Json): readonly string[] => {
  const all = freeDims(t)
  const found = new Set<string>()
  const walk = (type: Type, x: Json): void => {
    if (found.size === all.length) return
    const part = (of: Type, name: string): void => walk(of, (x as { readonly [k: string]: Json })[name]!)
    switch (type.kind) {
      case 'tensor':
        for (const d of freeDims(type)) found.add(d)
        return
      case 'record':
        for (const [n, f] of type.fields) part(f, n)
        return
      case 'list':
        if (typeof type.dim === 'string') found.add(type.dim)
        for (const e of x as readonly Json[]) walk(type.of, e)
        return
      case 'option':
        if (x !== null) walk(type.of, (x as readonly Json[])[0]!)
        return
      case 'result':
        if (Object.hasOwn(x as object, 'ok')) part(type.of, 'ok')
        return
      case 'union':
        for (const [n, c] of type.cases) if (Object.hasOwn(x as object, n)) part(c, n)
    }
  }
  walk(t, json)
  return all.filter((d) => found.has(d))
}

const first = <A, B>(xs: readonly A[], f: (x: A, i: number) => B | undefined): B | undefined => {
  for (const [i, x] of xs.entries()) {
    const found = f(x, i)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether elements of a list can disagree, with one another or with what is known. */
const meetInside = (t: Extract<Type, { kind: 'list' }>, sizes: Sizes): boolean =>
  mayDiffer(t) || dimsIn(t.of).some(([d]) => sizes.has(d))

/** Whether a name occurs twice, or the same one in every element: only then can two sizes meet. */
const mayDiffer = (t: Type): boolean => {
  const known = differing.get(t)
  if (known !== undefined) return known
  const all = dimsIn(t)
  const found = new Set(all.map(([d]) => d)).size < all.length || all.some(([d, inside]) => inside && !isRagged(d))
  differing.set(t, found)
  return found
}
const differing = new WeakMap<Type, boolean>()

/** Every named dimension of a type, and whether it stands inside the element of a list. */
const dimsIn = (t: Type, inside = false): readonly (readonly [string, boolean])[] => {
  const names = (dims: readonly Dim[]): (readonly [string, boolean])[] =>
    dims.flatMap((d) => (typeof d === 'string' ? [[d, inside] as const] : []))
  switch (t.kind) {
    case 'tensor':
      return names(t.shape)
    case 'list':
      return [...names([t.dim]), ...dimsIn(t.of, true)]
    case 'option':
    case 'result':
      return dimsIn(t.of, inside)
    case 'record':
      return t.fields.flatMap(([, f]) => dimsIn(f, inside))
    case 'union':
      return t.cases.flatMap(([, c]) => dimsIn(c, inside))
  }
}
