import type { Elem } from '../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../graph/elem.ts'
import type { Type } from '../../graph/types.ts'
import { casesOf } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'

/** Where a run may be told to leave something out: the names of its calls, and of the drivers they speak to. */
export interface Places {
  readonly names: ReadonlySet<string>
}
type Path = readonly string[]

/**
 * What is left out of a recording. `customer` hides arguments and answer of the calls of that name (or to that driver),
 * `customer.email` a field of the answer, `customer.$1` an argument, `input.x` and `result.y` parts of the run's own.
 * A path that the type does not have hides the whole: a misspelt secret stays one.
 *
 * A stand-in has the type of what it stands for, and equal secrets have equal ones, so that comparisons of a replayed
 * run mostly come out as they did. How many elements there are and which options are there is not hidden.
 */
export class Redaction {
  readonly rules: readonly string[]
  readonly #targets: readonly (readonly [name: string, path: Path])[]
  readonly #standIns = new Map<string, Json>()
  /** Secret texts, which are replaced wherever they occur. */
  readonly #texts = new Map<string, string>()
  /** How long those are that begin with these characters, longest first: a search that many secrets do not slow down. */
  readonly #lengths = new Map<string, readonly number[]>()
  readonly problem: string | undefined

  constructor(rules: readonly string[], { names }: Places) {
    this.rules = rules
    const known = [...names, 'input', 'result'].sort((a, b) => b.length - a.length)
    const targets: (readonly [string, Path])[] = []
    for (const rule of rules) {
      const name = known.find((n) => rule === n || rule.startsWith(`${n}.`))
      if (name === undefined) {
        this.problem ??= `'${rule}' is to be redacted, and the graph has no call of that name; there are ${known.map((n) => `'${n}'`).join(', ')}`
        continue
      }
      targets.push([name, rule === name ? [] : rule.slice(name.length + 1).split('.')])
    }
    this.#targets = targets
  }
  get idle(): boolean {
    return this.rules.length === 0
  }

  /** Hides in a value, as JSON, what the rules of these names say. */
  value(names: readonly string[], t: Type, json: Json): Json {
    let out = json
    for (const path of this.#paths(names)) if (!isArgument(path)) out = this.#at(t, out, path)
    return out
  }
  /** The same for the arguments of a call; `skip` of them are its authority. */
  args(names: readonly string[], types: readonly Type[], args: readonly Json[], skip: number): readonly Json[] {
    const out = [...args]
    for (const path of this.#paths(names)) {
      if (path.length > 0 && !isArgument(path)) continue
      const k = path.length === 0 ? undefined : Number(path[0]!.slice(1)) - 1 + skip
      // A number that no argument has hides them all.
      const all = k === undefined || k >= args.length || (k < skip && path[0] !== '$0')
      for (let i = 0; i < out.length; i++) if (all || i === k) out[i] = this.#at(types[i]!, out[i]!, path.slice(1))
    }
    return out
  }
  /** Takes the secrets that were met out of everything else: a value by its type, and texts wherever they hold one. */
  scrub(t: Type, json: Json): Json {
    return this.#standIns.size === 0 ? json : this.#each(t, json, (e, x) => this.#scrubbed(e, x))
  }
  text(text: string): string {
    if (this.#lengths.size === 0) return text
    let out = ''
    let done = 0
    for (let i = 0; i + shortest <= text.length; ) {
      const lengths = this.#lengths.get(text.slice(i, i + shortest)) ?? []
      const length = lengths.find((n) => this.#texts.has(text.slice(i, i + n)))
      if (length === undefined) i++
      else {
        out += text.slice(done, i) + this.#texts.get(text.slice(i, i + length))!
        i += length
        done = i
      }
    }
    return out + text.slice(done)
  }
  /** All texts of a JSON document. */
  texts(json: Json): Json {
    if (typeof json === 'string') return this.text(json)
    if (Array.isArray(json)) return json.map((x: Json) => this.texts(x))
    if (typeof json !== 'object' || json === null) return json
    return Object.fromEntries(Object.entries(json).map(([k, x]) => [k, this.texts(x as Json)]))
  }

  #paths(names: readonly string[]): readonly Path[] {
    return this.#targets.filter(([n]) => names.includes(n)).map(([, path]) => path)
  }
  #at(t: Type, json: Json, path: Path): Json {
    const [head, ...rest] = path
    if (head === undefined) return this.#each(t, json, (e, x) => this.#standIn(e, x))
    switch (t.kind) {
      case 'record': {
        const field = t.fields.find(([n]) => n === head)
        if (field === undefined) return this.#at(t, json, [])
        const fields = json as Readonly<Record<string, Json>>
        return { ...fields, [head]: this.#at(field[1], fields[head]!, rest) }
      }
      case 'list':
        return (json as readonly Json[]).map((x) => this.#at(t.of, x, path))
      case 'option':
        return json === null ? null : [this.#at(t.of, (json as readonly Json[])[0]!, path)]
      case 'union': {
        const [[name, x]] = Object.entries(json as Readonly<Record<string, Json>>) as [[string, Json]]
        const of = casesOf(t)!.find(([n]) => n === name)![1]
        return { [name]: this.#at(of, x, head === name ? rest : path) }
      }
      default:
        return this.#at(t, json, [])
    }
  }
  /** Every atom of a value. */
  #each(t: Type, json: Json, f: (e: Elem, x: Json) => Json): Json {
    switch (t.kind) {
      case 'tensor': {
        const nested = (x: Json, axes: number): Json =>
          axes === 0 ? f(t.elem, x) : (x as readonly Json[]).map((y) => nested(y, axes - 1))
        return nested(json, t.shape.length)
      }
      case 'record': {
        const fields = json as Readonly<Record<string, Json>>
        return Object.fromEntries(t.fields.map(([n, of]) => [n, this.#each(of, fields[n]!, f)]))
      }
      case 'list':
        return (json as readonly Json[]).map((x) => this.#each(t.of, x, f))
      case 'option':
        return json === null ? null : [this.#each(t.of, (json as readonly Json[])[0]!, f)]
      case 'union': {
        const [[name, x]] = Object.entries(json as Readonly<Record<string, Json>>) as [[string, Json]]
        return { [name]: this.#each(casesOf(t)!.find(([n]) => n === name)![1], x, f) }
      }
      case 'result': {
        const r = json as { readonly ok: Json } | { readonly err: { readonly tag: string; readonly message: string } }
        if ('ok' in r) return { ok: this.#each(t.of, r.ok, f) }
        return { err: { tag: r.err.tag, message: f('string', r.err.message) } }
      }
    }
  }
  #standIn(e: Elem, x: Json): Json {
    if (e === 'unit') return null
    if (e === 'bool') return false
    const key = `${e} ${JSON.stringify(x)}`
    const known = this.#standIns.get(key)
    if (known !== undefined) return known
    const n = this.#standIns.size + 1
    const made = standInOf(e, n)
    this.#standIns.set(key, made)
    if (e === 'json') this.#noteTexts(x, `redacted-${n}`)
    else if (typeof x === 'string') this.#note(x, `redacted-${n}`)
    return made
  }
  #noteTexts(x: Json, standIn: string): void {
    if (typeof x === 'string') return this.#note(x, standIn)
    if (typeof x === 'object' && x !== null) for (const y of Object.values(x)) this.#noteTexts(y as Json, standIn)
  }
  /** Shorter texts would be found everywhere, and say little. */
  #note(text: string, standIn: string): void {
    if (text.length < shortest || this.#texts.has(text)) return
    this.#texts.set(text, standIn)
    const begin = text.slice(0, shortest)
    const known = this.#lengths.get(begin) ?? []
    if (!known.includes(text.length))
      this.#lengths.set(
        begin,
        [...known, text.length].sort((a, b) => b - a),
      )
  }
  #scrubbed(e: Elem, x: Json): Json {
    if (e === 'json') return this.texts(x)
    if (e === 'string') return this.text(x as string)
    if (e === 'unit' || e === 'bool' || String(x).length < shortest) return x
    return this.#standIns.get(`${e} ${JSON.stringify(x)}`) ?? x
  }
}
const shortest = 4
const isArgument = (path: Path): boolean => path.length > 0 && /^\$\d+$/.test(path[0]!)

/** The n-th stand-in of an element type, as JSON. */
const standInOf = (e: Elem, n: number): Json => {
  if (isDecimal(e)) {
    const scale = decimalScale(e)
    return scale === 0 ? String(n) : `${n}.${'0'.repeat(scale)}`
  }
  switch (e) {
    case 'i64':
    case 'u64':
      return String(n)
    case 'string':
    case 'json':
      return `redacted-${n}`
    case 'bytes':
      return Buffer.from(`redacted-${n}`).toString('base64')
    case 'timestamp':
      return new Date(n * 1000).toISOString().replace('Z', '000Z')
    default:
      return n
  }
}
