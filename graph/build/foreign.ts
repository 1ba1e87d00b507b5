import { sameType, showType } from '../types.ts'
import { isPlain, operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec } from './codec.ts'
import { freshDims } from './dims.ts'
import { wrapAs } from './expr.ts'
import { literal, lone } from './lift.ts'
import { isPoisoned } from './scope.ts'
import type { In, Scalar } from './types.ts'

/** What a function of your own takes, gives and touches. */
export interface ForeignOptions<A, X> {
  readonly in: Codec<A>
  readonly out: Codec<X>
  /**
   * What it changes; `[]` says that it only reads. Words of your own, shared by all such functions, or resources that
   * queries, files, stores and services use: `table:db:name`, `file:root:path`, `kv:store:key`, `http:service:path`.
   */
  readonly writes: readonly string[]
  /** What it reads; everything that functions like it write if not given. */
  readonly reads?: readonly string[]
  /** The tenant or role it acts for: part of what batches and caches together, and handed to the function. */
  readonly authority?: Scalar<'string'> | Scalar<'i64'> | Scalar<'i32'> | string
  /** Whether it may be called again when nobody knows whether it happened: so for what only reads. */
  readonly idempotent?: boolean
  /** false keeps it out of every batch. */
  readonly batch?: boolean
}

/**
 * A function of your own as an effect: a driver is bound to its name when the artefact is loaded.
 *
 *     const price = foreign('price', { in: t.string, out: t.f64, writes: [] })
 *     const total = items.map((i) => ({ price: price(i.product) }))
 */
export const foreign =
  <A, X>(name: string, options: ForeignOptions<A, X>): ((argument: A | In<A>) => X) =>
  (argument) => {
    const b = current()
    if (
      typeof options !== 'object' ||
      options === null ||
      options.in?.type === undefined ||
      options.out?.type === undefined
    )
      return wrapAs(
        b.fail(
          name,
          `what '${name}' takes and gives is not known`,
          `declare it: foreign('${name}', { in: t.string, out: t.f64, writes: [] })`,
        ),
      )
    const { in: takes, out, reads = ['*'], writes, authority, batch = true } = options
    if (!Array.isArray(writes))
      b.fail(
        name,
        `what '${name}' writes is not known`,
        "declare it: { writes: [] } for what only reads, or { writes: ['ledger'] }",
      )
    const who = authority === undefined ? [] : [lone(b, operandOf(authority))]
    const given = isPlain(argument) ? literal(b, takes.type, argument) : unwrap(argument)
    const fits = isPoisoned(given) || sameType(given.type, takes.type)
    const x = fits
      ? given
      : b.fail(
          name,
          `'${name}' takes ${showType(takes.type)}, not ${showType(given.type)}`,
          'convert the argument, or correct the codec',
          takes.type,
        )
    const attrs = {
      occurrence: b.occurrence(name),
      name,
      answer: freshDims(out.type, name),
      authority: who.length > 0,
      idempotent: options.idempotent ?? (writes ?? []).length === 0,
      batch,
      reads,
      writes: writes ?? [],
    }
    return wrapAs(b.node('foreign', attrs, [...who, x], 'give it one argument'))
  }
