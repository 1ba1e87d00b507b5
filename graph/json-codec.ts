import * as io from 'io-ts'

/**
 * The few io-ts codecs that documents are made of. They differ from io-ts' own in three ways: what is not expected is
 * an error, a list stops after 50 errors (a hostile document could hold millions), and messages say what was expected.
 */
const enough = 50
export const capped = (errors: io.Errors): io.Errors => errors.slice(0, enough)

export interface Optional<A> {
  readonly codec: io.Mixed
  readonly otherwise: A
}
type Part = io.Mixed | Optional<unknown>
type PartOf<P> = P extends io.Mixed ? io.TypeOf<P> : P extends Optional<infer A> ? A : never

export const optional = <A>(codec: io.Type<A, unknown, unknown>, otherwise: NoInfer<A>): Optional<A> => ({
  codec,
  otherwise,
})
const isOptional = (p: Part): p is Optional<unknown> => !(p instanceof io.Type)

const shown = (u: unknown): string => (u === undefined ? 'nothing' : (JSON.stringify(u) ?? typeof u).slice(0, 60))
const refused = <A>(u: unknown, c: io.Context, expected: string): io.Validation<A> =>
  io.failure(u, c, `expected ${expected}, not ${summary(u)}`)
const summary = (u: unknown): string =>
  typeof u === 'object' && u !== null ? (Array.isArray(u) ? 'an array' : 'an object') : shown(u)

/** An object of exactly these parts. */
export const fields = <P extends { readonly [name: string]: Part }>(
  parts: P,
): io.Type<{ readonly [K in keyof P]: PartOf<P[K]> }, unknown, unknown> => {
  type A = { readonly [K in keyof P]: PartOf<P[K]> }
  const names = Object.keys(parts)
  return new io.Type<A, unknown, unknown>(
    'object',
    (_u): _u is A => false,
    (u, c) => {
      if (typeof u !== 'object' || u === null || Array.isArray(u)) return refused(u, c, 'an object')
      const errors: io.Errors = []
      const out: Record<string, unknown> = {}
      for (const k of Object.keys(u)) {
        if (!Object.hasOwn(parts, k))
          errors.push({
            value: u,
            context: io.appendContext(c, k, io.unknown),
            message: `is not expected; known are ${names.join(', ')}`,
          })
      }
      for (const name of names) {
        const part = parts[name]!
        const given = Object.hasOwn(u, name) ? (u as Record<string, unknown>)[name] : undefined
        if (given === undefined && isOptional(part)) out[name] = part.otherwise
        else {
          const codec = isOptional(part) ? part.codec : part
          const context = io.appendContext(c, name, codec, given)
          const r =
            given === undefined ? io.failure<unknown>(given, context, 'is missing') : codec.validate(given, context)
          if (r._tag === 'Left') errors.push(...capped(r.left))
          else out[name] = r.right
        }
      }
      return errors.length > 0 ? io.failures(errors) : io.success(out as A)
    },
    (a) => a,
  )
}

/** A list whose elements may be checked by their place. */
export const list = <A>(of: (i: number) => io.Type<A, unknown, unknown>): io.Type<readonly A[], unknown, unknown> =>
  new io.Type<readonly A[], unknown, unknown>(
    'list',
    (_u): _u is readonly A[] => false,
    (u, c) => {
      if (!Array.isArray(u)) return refused(u, c, 'an array')
      const errors: io.Errors = []
      const out: A[] = []
      for (let i = 0; i < u.length && errors.length < enough; i++) {
        const codec = of(i)
        const r = codec.validate(u[i], io.appendContext(c, String(i), codec, u[i]))
        if (r._tag === 'Left') errors.push(...r.left)
        else out.push(r.right)
      }
      return errors.length > 0 ? io.failures(capped(errors)) : io.success(out)
    },
    (a) => a,
  )
/** A whole number from 0, below `limit` if there is one. */
export const index = (limit: number | undefined, what: string): io.Type<number, unknown, unknown> =>
  new io.Type<number, unknown, unknown>(
    'index',
    (_u): _u is number => false,
    (u, c) =>
      Number.isSafeInteger(u) && (u as number) >= 0 && (limit === undefined || (u as number) < limit)
        ? io.success(u as number)
        : refused(u, c, `the number of ${what}`),
    (n) => n,
  )
export const named: io.Type<string, unknown, unknown> = new io.Type<string, unknown, unknown>(
  'name',
  (u): u is string => typeof u === 'string',
  (u, c) =>
    typeof u === 'string' && u !== '__proto__' ? io.success(u) : refused(u, c, "a name (other than '__proto__')"),
  (s) => s,
)
/** A version that must be this one. */
export const version = (want: number, of: string): io.Type<number, unknown, unknown> =>
  new io.Type<number, unknown, unknown>(
    'version',
    (u): u is number => u === want,
    (u, c) => (u === want ? io.success(want) : refused(u, c, `version ${want} (${of})`)),
    (n) => n,
  )
