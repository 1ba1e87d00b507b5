import type { Answer, Call, Footprint } from '../../graph/effects.ts'
import { conflict, effectError, effects } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import type { EffectErrorTag } from '../../graph/errors.ts'
import { canonical } from '../../graph/make.ts'
import type { Type } from '../../graph/types.ts'
import { scalar } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { decodePayload, encodePayload } from '../../runtime/payload.ts'
import { authorityOf } from '../../runtime/request.ts'

type Of<E extends Call['effect']> = Call & { readonly effect: E }
export type Outside = Of<'fileRead' | 'fileWrite' | 'kvGet' | 'kvSet' | 'kvDelete' | 'httpRequest' | 'foreign'>

export interface OutsideWorld {
  readonly answer: (call: Outside, key: string) => Answer
  readonly state: () => unknown
}
export interface Making {
  /** A value of a type that depends on nothing but the key. */
  readonly some: (type: Type, key: string) => Value
  readonly chance: (key: string, of: number) => boolean
  readonly hash: (text: string) => number
  /** Nothing is there until it is written; else what was never written is made up. */
  readonly empty: boolean
}

const failing = (call: Call, tag: EffectErrorTag, cause: string): Answer =>
  left(effectError(call, tag, cause, 'none: the world made it up'))

/**
 * Files and stores hold what was written to them. Services and functions of the user's answer from what is asked and
 * from every write before that they conflict with, in order: so two runs end in equal states exactly when each write
 * saw the same writes that matter to it.
 */
export const outsideWorld = ({ some, chance, hash, empty }: Making): OutsideWorld => {
  const bytes = new Map<string, Uint8Array | null>()
  const past: { readonly print: Footprint; readonly seen: number }[] = []
  const seenBy = (print: Footprint): string =>
    past
      .filter((p) => conflict(p.print, print))
      .map((p) => p.seen)
      .join()

  /** What lies in a place, read at a type. */
  const held = (
    call: Outside,
    place: string,
    type: Type,
    maxBytes: number,
    missing: Answer,
    found: (v: Value) => Value,
  ): Answer => {
    const there = bytes.get(place)
    if (there === undefined && !empty) return chance(`there ${place}`, 3) ? missing : right(found(some(type, place)))
    if (there === undefined || there === null) return missing
    if (there.length > maxBytes) return failing(call, 'TooLarge', `${there.length} bytes`)
    const value = decodePayload(type, there)
    return value._tag === 'Left' ? failing(call, 'Decode', value.left) : right(found(value.right))
  }
  const put = (call: Outside, place: string, type: Type, v: Value, maxBytes: number): Answer => {
    const coded = encodePayload(type, v)
    if (coded._tag === 'Left') return failing(call, call.effect === 'fileWrite' ? 'Unknown' : 'Refused', coded.left)
    if (coded.right.length > maxBytes) return failing(call, 'TooLarge', `${coded.right.length} bytes`)
    bytes.set(place, coded.right)
    return right(null)
  }

  const answer = (call: Outside, key: string): Answer => {
    const kvPlace = (): string => kvPlaceOf(call as Of<'kvGet'>)
    const filePlace = (): string => filePlaceOf(call as Of<'fileRead'>)
    switch (call.effect) {
      case 'fileRead': {
        const { as, maxBytes } = call.attrs
        return held(call, filePlace(), scalar(as), maxBytes, failing(call, 'NotFound', 'no file'), (v) => v)
      }
      case 'fileWrite':
        return put(call, filePlace(), call.argTypes[1]!, call.args[1]!, call.attrs.maxBytes)
      case 'kvGet': {
        const { value, maxBytes } = call.attrs
        const none = right({ _tag: 'None' } as const)
        return held(call, kvPlace(), value, maxBytes, none, (v) => ({ _tag: 'Some', value: v }))
      }
      case 'kvSet':
        return put(call, kvPlace(), call.argTypes.at(-1)!, call.args.at(-1)!, call.attrs.maxBytes)
      case 'kvDelete':
        bytes.set(kvPlace(), null)
        return right(null)
      default: {
        const print = effects[call.effect].footprint(call.attrs as never)
        const all = `${key} after ${seenBy(print)}`
        if (print.writes.length > 0) past.push({ print, seen: hash(all) })
        return right(some(effects[call.effect].answer(call.attrs as never), all))
      }
    }
  }
  return {
    answer,
    state: () => [
      [...bytes].map(([k, v]) => `${k} ${v === null ? 'gone' : canonical([...v])}`).sort(),
      past.map((p) => p.seen).sort((a, b) => a - b),
    ],
  }
}

const kvPlaceOf = (call: Of<'kvGet' | 'kvSet' | 'kvDelete'>): string => {
  const { store, authority } = call.attrs
  return `kv ${store} ${authorityOf(call) ?? '-'} ${String(call.args[authority ? 1 : 0])}`
}
const filePlaceOf = (call: Of<'fileRead' | 'fileWrite'>): string => `file ${call.attrs.root}/${String(call.args[0])}`
/** What a call writes to, as far as it can be told. */
export const placesOf = (call: Outside): readonly string[] => {
  const { writes } = effects[call.effect].footprint(call.attrs as never)
  if (writes.length === 0) return []
  if (call.effect === 'fileWrite') return [filePlaceOf(call)]
  if (call.effect === 'kvSet' || call.effect === 'kvDelete') return [kvPlaceOf(call)]
  return writes.map((w) => `${w.kind} ${w.of} ${w.name}`)
}
