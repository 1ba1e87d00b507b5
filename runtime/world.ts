import { fromValue, toValue } from '../graph/build/host.ts'
import type { Answer, Call } from '../graph/effects.ts'
import { answeredByName, effectError, effects } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { EffectErrorTag, EffectName, RunError } from '../graph/errors.ts'
import { isolationLevels, transactionError } from '../graph/transaction.ts'
import type { Type } from '../graph/types.ts'
import { option, scalar } from '../graph/types.ts'
import type { Column, Value } from '../graph/values.ts'
import { lengthOf, sliceColumn } from '../graph/values.ts'
import type { AnyQueries, Artifact } from './artifact.ts'
import type { ChunkOptions } from './chunks.ts'
import type { Driver } from './driver.ts'
import type { Loaded } from './load.ts'
import { load } from './load.ts'
import type { RunOptions } from './run.ts'
import { followTree } from './tree.ts'

type Params = readonly unknown[]
/** An answer that is an error: what a test gives to see how the graph fails. */
export interface Failing {
  readonly fail: EffectErrorTag
  readonly cause?: string
}
export const failing = (fail: EffectErrorTag, cause = 'as the test asked'): Failing => ({ fail, cause })

/**
 * A world for unit tests: queries are answered by name from data or functions, the clock stands still, random bytes
 * are a function of their place, files and log lines are kept. Nothing is opened.
 *
 * Example:
 *
 *     const w = world(artifact).answer('loan', [{ id: 1n, amount: 100 }]).answerBy('customer', ([id]) => ({ income: 50 }))
 *     const r = await w.run({ tenant: 'a' })
 *     w.queries // { written: 2, run: 2 }
 */
export const world = <Input, Output, Queries extends AnyQueries>(
  artifact: Artifact<Input, Output, Queries>,
): World<Input, Output, Queries> => new World(artifact)

export class World<Input, Output, Queries extends AnyQueries = AnyQueries> {
  /** Queries of the last run: as the graph words them, and as they were sent. */
  queries: { written: number; run: number } = { written: 0, run: 0 }
  /** Files by path: what the graph wrote, and what the test puts there to be read. */
  readonly files = new Map<string, string | Uint8Array>()
  /** Stores by name, each by key (`authority/key` where there is one). Values are kept until they are deleted. */
  readonly stores = new Map<string, Map<string, unknown>>()
  readonly lines: { readonly level: string; readonly message: unknown; readonly data: unknown }[] = []
  /** How transactions of all runs ended; one that is run again counts each time. */
  readonly transactions = { committed: 0, rolledBack: 0 }
  readonly #artifact: Artifact<Input, Output>
  #commit: (t: { readonly db: string; readonly attempt: number }) => Failing | undefined = () => undefined
  readonly #answers = new Map<string, (params: Params) => unknown>()
  readonly #problems: string[] = []
  #now = 0
  #loaded: Promise<Either<RunError, Loaded<Input, Output>>> | undefined

  constructor(artifact: Artifact<Input, Output>) {
    this.#artifact = artifact
  }

  /**
   * The same answer whatever the parameters. Of queries: rows for `many`, a row for `one`, a row or null for `maybe`, a count for
   * `exec`; of requests: `{ status, body }`, or for a lookup the body or null; of your own functions: what they give.
   */
  answer<N extends keyof Queries & string>(query: N, rows: Queries[N]['answer'] | Failing): this {
    return this.answerBy(query, () => rows)
  }
  /** An answer computed from the parameters (the authority first, where there is one). */
  answerBy<N extends keyof Queries & string>(
    query: N,
    f: (params: Queries[N]['params']) => Queries[N]['answer'] | Failing,
  ): this {
    const names = this.#artifact.manifest.effects.filter((e) => answeredByName.has(e.effect)).map((e) => e.name)
    if (!names.includes(query))
      this.#problems.push(
        `there is no query '${query}'; ${names.length === 0 ? 'the graph asks none' : `the queries are ${[...new Set(names)].map((n) => `'${n}'`).join(', ')}`}`,
      )
    this.#answers.set(query, f as (params: Params) => unknown)
    return this
  }
  /** How commits end: well, unless this gives `failing('SerializationFailure')` or the like. The first try is attempt 0. */
  commitBy(f: (t: { readonly db: string; readonly attempt: number }) => Failing | undefined): this {
    this.#commit = f
    return this
  }
  now(ms: number): this {
    this.#now = ms
    return this
  }

  async run(input: Input, options: RunOptions = {}): Promise<Either<RunError, Output>> {
    const loaded = await this.#ready()
    return isLeft(loaded) ? loaded : loaded.right.run(input, this.#counting(options))
  }
  /** As `chunks` of a loaded artefact does: the rows of a query that the test gave, `size` at a time. */
  async *chunks(input: Input, options: ChunkOptions): AsyncGenerator<Either<RunError, Output>, void> {
    const loaded = await this.#ready()
    if (isLeft(loaded)) yield loaded
    else yield* loaded.right.chunks(input, { ...options, ...this.#counting(options) })
  }
  #counting(options: RunOptions): RunOptions {
    return {
      ...options,
      stats: (s) => {
        this.queries = s.queries
        options.stats?.(s)
      },
    }
  }

  async #ready(): Promise<Either<RunError, Loaded<Input, Output>>> {
    if (this.#problems[0] !== undefined) {
      return left({
        _tag: 'InvalidInput',
        node: '',
        place: '',
        cause: this.#problems[0],
        remedy: 'answer a query that the graph has; one that the optimiser removed needs no answer',
      })
    }
    this.#loaded ??= load(
      this.#artifact,
      Object.fromEntries(
        [
          ...this.#artifact.manifest.effects.map((e) => e.driver),
          ...(this.#artifact.manifest.transactions ?? []).map((t) => t.db),
        ].map((name) => [name, this.#driver()]),
      ),
    )
    return this.#loaded
  }

  #driver(): Driver {
    const perform = (call: Call): Promise<Answer> => Promise.resolve(this.#perform(call))
    const performMany: NonNullable<Driver['performMany']> = ({ calls }) =>
      Promise.resolve({ answers: calls.map((c) => this.#perform(c)), roundTrips: 1 })
    return {
      kind: 'sql',
      effects: Object.keys(effects) as EffectName[],
      assumptions: [],
      perform,
      close: () => Promise.resolve(),
      performTree: async (tree) => {
        let statements = 0
        const found = await followTree(tree, (calls) => {
          statements++
          return Promise.resolve(calls.map((c) => this.#perform(c)))
        })
        return { found, roundTrips: 1, statements }
      },
      performMany,
      performInParts: async (call, most, _, take) => {
        const all = this.#perform(call)
        if (isLeft(all)) return all
        const rows = all.right as Column
        for (let from = 0; from === 0 || from < lengthOf(rows); from += most) {
          if (!(await take(sliceColumn(rows, from, Math.min(from + most, lengthOf(rows)))))) break
        }
        return right(null)
      },
      transactions: {
        isolation: isolationLevels,
        run: async (t, _, work) => {
          const value = await work({ perform, performMany })
          const fails = isLeft(value) ? undefined : this.#commit({ db: t.attrs.db, attempt: t.attempt })
          this.transactions[isLeft(value) || fails !== undefined ? 'rolledBack' : 'committed']++
          if (fails === undefined) return value
          const remedy = 'change what commitBy of the test world gives'
          return left(transactionError(t, fails.fail, fails.cause ?? '', remedy))
        },
      },
    }
  }
  #perform(call: Call): Answer {
    switch (call.effect) {
      case 'dbQuery':
      case 'httpRequest':
      case 'foreign':
        return this.#query(call)
      case 'nowMs':
        return right(this.#now)
      case 'randomBytes':
        return right(scatter(call.attrs.count, [call.attrs.occurrence, ...call.iteration]))
      case 'fileRead': {
        const path = String(call.args[0])
        const content = this.files.get(path)
        if (content === undefined)
          return left(
            effectError(
              call,
              'NotFound',
              `the test world has no file '${path}'`,
              `put it there: w.files.set('${path}', …)`,
            ),
          )
        return this.#given(
          call,
          scalar(call.attrs.as),
          call.attrs.as === 'bytes' && typeof content === 'string' ? new TextEncoder().encode(content) : content,
        )
      }
      case 'kvGet': {
        const [store, key] = this.#keyOf(call)
        return this.#given(call, option(call.attrs.value), store.get(key) ?? null)
      }
      case 'kvSet': {
        const [store, key] = this.#keyOf(call)
        store.set(key, fromValue(call.argTypes.at(-1)!, call.args.at(-1)!))
        return right(null)
      }
      case 'kvDelete': {
        const [store, key] = this.#keyOf(call)
        store.delete(key)
        return right(null)
      }
      case 'fileWrite':
        this.files.set(call.args[0] as string, call.args[1] as string | Uint8Array)
        return right(null)
      case 'logLine':
        this.lines.push({ level: call.attrs.level, message: call.args[0], data: call.args[1] })
        return right(null)
    }
  }
  #keyOf(call: Call & { effect: 'kvGet' | 'kvSet' | 'kvDelete' }): readonly [Map<string, unknown>, string] {
    const { store, authority } = call.attrs
    const found = this.stores.get(store) ?? new Map<string, unknown>()
    this.stores.set(store, found)
    return [found, call.args.slice(0, authority ? 2 : 1).join('/')]
  }
  #query(call: Call & { effect: 'dbQuery' | 'httpRequest' | 'foreign' }): Answer {
    const { name } = call.attrs
    const f = this.#answers.get(name)
    if (f === undefined)
      return left(
        effectError(
          call,
          'NotFound',
          `the test world has no answer to '${name}'`,
          `add .answer('${name}', …) or .answerBy('${name}', …)`,
        ),
      )
    let given: unknown
    try {
      given = f(call.args.map((a, i) => fromValue(call.argTypes[i]!, a)))
    } catch (e) {
      const said = e instanceof Error ? e.message : String(e)
      return left(
        effectError(call, 'Unknown', `the test's answer to '${name}' threw: ${said}`, 'give a row, or failing(…)', {
          original: e,
        }),
      )
    }
    if (typeof given === 'object' && given !== null && 'fail' in given) {
      const { fail, cause } = given as Failing
      return left(effectError(call, fail, cause ?? '', 'change the answer of the test world'))
    }
    if (call.effect === 'dbQuery' && call.attrs.mode === 'one' && (given === null || given === undefined))
      return left(effectError(call, 'NoRow', `'${name}' found no row`, 'use maybe where a row may be missing'))
    return this.#given(call, effects[call.effect].answer(call.attrs as never), given, name)
  }
  /** What the test gave, as the value the call declares. */
  #given(call: Call, type: Type, given: unknown, name: string = call.effect): Answer {
    const value = toValue(type, given)
    if (isLeft(value))
      return left(
        effectError(
          call,
          'Decode',
          `the test's answer to '${name}' does not fit: ${value.left[0]!.path} ${value.left[0]!.problem}`,
          'give rows of the declared type',
        ),
      )
    return value as Either<never, Value>
  }
}
/** Bytes that depend on nothing but their place: a run gives the same ones every time. */
const scatter = (n: number, place: readonly number[]): Uint8Array => {
  let x = place.reduce((h, p) => Math.imul(h ^ (p + 1), 0x9e3779b1) >>> 0, 0x2545f491)
  return Uint8Array.from({ length: n }, () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x & 0xff
  })
}
