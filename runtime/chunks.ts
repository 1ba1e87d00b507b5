import type { Answer, Call } from '../graph/effects.ts'
import { effectError } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import type { Value } from '../graph/values.ts'
import type { EffectEntry, Manifest } from './artifact.ts'
import type { Context, Driver, Inside } from './driver.ts'
import { keyOf } from './keys.ts'
import type { Bound, RunOptions } from './run.ts'

/** Options of each of the runs, and the query that is read in chunks. */
export interface ChunkOptions extends RunOptions {
  /** The name of a `.many` that the graph asks once, outside of maps and transactions. */
  readonly of: string
  /** The most rows of a chunk (65,536, or the query's maxRows if that is less). */
  readonly size?: number
  /** Does each run, for whoever wants to stand around it. */
  readonly around?: Around
}
export type Around = <T>(
  run: (options: RunOptions) => Promise<Either<RunError, T>>,
  options: RunOptions,
) => Promise<Either<RunError, T>>
const usualSize = 65_536

/**
 * One run of a graph for each chunk of a query's answer, in order: each as if the query had answered these rows only. A
 * run begins when its answer is asked for, while the driver reads the chunk after it, and no further. Ends after the last
 * chunk or the first error; whoever stops earlier has everything cleaned up.
 */
export async function* inChunks<Output>(
  bound: Bound,
  manifest: Manifest,
  { of, size = usualSize, around = (it, given) => it(given), ...options }: ChunkOptions,
  run: (bound: Bound, options: RunOptions) => Promise<Either<RunError, Output>>,
): AsyncGenerator<Either<RunError, Output>, void> {
  const source = sourceOf(bound, manifest, of, size)
  if (isLeft(source)) {
    yield source
    return
  }
  const { entry, driver } = source.right
  const rows = new Rows(entry, driver, size, options.signal)
  const mine = bound.footprint(entry.occurrence)
  const inside: Bound = {
    ...bound,
    drivers: { ...bound.drivers, [entry.driver]: readingFrom(rows, entry, driver) },
    memory: {
      ...bound.memory,
      // What rests on a chunk is not what rests on the next.
      recall: async (key, ttlMs, footprints, compute) =>
        footprints.includes(mine) ? compute() : bound.memory.recall(key, ttlMs, footprints, compute),
    },
  }
  try {
    for (let n = 0; ; n++) {
      rows.begin()
      const answer = await around((given) => run(inside, given), options)
      if (!isLeft(answer) && n > 0 && !rows.taken) {
        yield left(unasked(entry, n))
        return
      }
      yield answer
      if (isLeft(answer) || !rows.taken || !(await rows.more())) return
    }
  } finally {
    await rows.close()
  }
}

/** The query and its driver, if it can be read so. */
const sourceOf = (
  { drivers }: Bound,
  { effects }: Manifest,
  of: string,
  size: number,
): Either<RunError, { readonly entry: EffectEntry; readonly driver: Driver }> => {
  const queries = effects.filter((e) => e.mode === 'many')
  const named = queries.filter((e) => e.name === of)
  if (!Number.isSafeInteger(size) || size < 1)
    return left(wrong(of, `a chunk of ${size} rows was asked for`, 'give a whole number from 1 on as size'))
  const entry = named[0]
  if (entry === undefined) {
    const others = [...new Set(queries.map((e) => `'${e.name}'`))].join(', ')
    return left(
      wrong(
        of,
        `the graph asks no .many called '${of}'`,
        others === '' ? 'use run, which asks for everything at once' : `those it has are ${others}`,
      ),
    )
  }
  if (named.length > 1)
    return left(wrong(of, `${named.length} queries are called '${of}'`, 'give them names of their own'))
  const driver = drivers[entry.driver]!
  if (driver.performInParts === undefined)
    return left(
      wrong(
        of,
        `the driver bound to '${entry.driver}' answers queries as a whole only`,
        'use run, or bind another driver',
      ),
    )
  return right({ entry, driver })
}
const wrong = (node: string, cause: string, remedy: string): RunError => ({
  _tag: 'InvalidInput',
  node,
  place: '',
  cause,
  remedy,
})
const unasked = ({ name }: EffectEntry, n: number): RunError =>
  wrong(
    name,
    `the run for chunk ${n + 1} did not ask for '${name}', which the run before it did`,
    'ask for it under no condition that changes between runs',
  )

/** A part that the driver has read, and how to tell it whether more is wanted. */
interface Part {
  readonly answer: Answer
  readonly wanted: (more: boolean) => void
}

/** Stands between a driver, which reads ahead by one part, and the runs, each of which takes one. */
class Rows {
  readonly #entry: EffectEntry
  readonly #driver: Driver
  readonly #size: number
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** What the first run asked with; all others must ask alike. */
  #key: string | undefined
  /** The next part, once it is there; nothing at the end. */
  #next: Promise<Part | undefined> | undefined
  #ended: Promise<unknown> | undefined
  taken = false

  constructor(entry: EffectEntry, driver: Driver, size: number, signal: AbortSignal | undefined) {
    this.#entry = entry
    this.#driver = driver
    this.#size = size
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
  }

  begin(): void {
    this.taken = false
  }
  async more(): Promise<boolean> {
    return (await this.#next) !== undefined
  }
  async take(call: Call, context: Context): Promise<Answer> {
    const key = keyOf(call.args)
    this.#key ??= key
    if (this.taken || key !== this.#key || call.effect !== 'dbQuery')
      return left(
        effectError(
          call,
          'Refused',
          `'${this.#entry.name}' is asked in chunks, and this run asks it ${this.taken ? 'twice' : 'with other arguments than the one before'}`,
          'compute its arguments from inputs alone, or read the rows that it needs first',
        ),
      )
    this.#next ??= this.#open(call, Math.min(this.#size, call.attrs.maxRows), context)
    const stop = aborted(context.signal)
    const part = await Promise.race([this.#next, stop.promise]).finally(stop.over)
    if (part === undefined) return left(context.signal.aborted ? stoppedWaiting(call) : silent(call))
    this.taken = true
    this.#next = isLeft(part.answer) ? Promise.resolve(undefined) : this.#coming()
    part.wanted(true)
    return part.answer
  }
  async close(): Promise<void> {
    this.#stop.abort()
    this.#deliver = (part) => part?.wanted(false)
    void this.#next?.then((part) => part?.wanted(false))
    await this.#ended
  }

  #deliver: (part: Part | undefined) => void = () => undefined
  #coming(): Promise<Part | undefined> {
    return new Promise((resolve) => {
      this.#deliver = resolve
    })
  }
  #open(call: Call, most: number, context: Context): Promise<Part | undefined> {
    const first = this.#coming()
    const take = (rows: Value): Promise<boolean> =>
      new Promise((wanted) => this.#deliver({ answer: right(rows), wanted }))
    this.#ended = this.#driver.performInParts!(call, most, { ...context, signal: this.#signal }, take)
      .catch(
        (e: unknown): Answer => left(effectError(call, 'Unknown', String(e), 'correct the driver', { original: e })),
      )
      .then((end) => this.#deliver(isLeft(end) ? { answer: end, wanted: () => undefined } : undefined))
    return first
  }
}
/** `over` listens no longer: a signal may outlive very many chunks. */
const aborted = (signal: AbortSignal) => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const stop = (): void => resolve(undefined)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return { promise, over: () => signal.removeEventListener('abort', stop) }
}
const silent = (call: Call): RunError =>
  effectError(call, 'Decode', 'the driver ended without a part, and not even an empty one', 'correct the driver')
/** The run knows better why it was stopped. */
const stoppedWaiting = (call: Call): RunError => ({
  _tag: 'Cancelled',
  node: '',
  place: '',
  occurrence: call.attrs.occurrence,
  iteration: call.iteration,
  cause: 'the run was stopped while it waited for rows',
  remedy: 'run it again',
})

/** The driver of the query, whose answers come from the rows; what cannot be cut so is refused before it is asked. */
const readingFrom = (rows: Rows, { occurrence, name }: EffectEntry, driver: Driver): Driver => {
  const itself = (call: Call): boolean => call.effect === 'dbQuery' && call.attrs.occurrence === occurrence
  const refused = (call: Call, where: string): Answer =>
    left(
      effectError(
        call,
        'Refused',
        `'${name}' is asked in chunks, and stands in a ${where}`,
        'ask for it outside, or use run, which asks for everything at once',
      ),
    )
  const apart = (inside: Inside, where: string): Inside => ({
    perform: (call, context) => (itself(call) ? Promise.resolve(refused(call, where)) : inside.perform(call, context)),
    ...(inside.performMany === undefined
      ? {}
      : {
          performMany: (batch, context) =>
            batch.calls.some(itself)
              ? Promise.resolve({ answers: batch.calls.map((c) => refused(c, where)), roundTrips: 0 })
              : inside.performMany!(batch, context),
        }),
  })
  const { transactions, performTree } = driver
  return {
    kind: driver.kind,
    effects: driver.effects,
    assumptions: driver.assumptions,
    ...(driver.system === undefined ? {} : { system: driver.system }),
    ...(driver.maxBatch === undefined ? {} : { maxBatch: driver.maxBatch }),
    ...apart(driver, 'map'),
    perform: (call, context) => {
      if (!itself(call)) return driver.perform(call, context)
      return call.iteration.length === 0 ? rows.take(call, context) : Promise.resolve(refused(call, 'map'))
    },
    // What follows from the rows is asked for when they are there.
    ...(performTree === undefined
      ? {}
      : {
          performTree: (tree, context) =>
            tree.calls.some(itself)
              ? Promise.resolve({ found: undefined, roundTrips: 0, statements: 0 })
              : driver.performTree!(tree, context),
        }),
    ...(transactions === undefined
      ? {}
      : {
          transactions: {
            ...transactions,
            run: (t, context, work) => transactions.run(t, context, (inside) => work(apart(inside, 'transaction'))),
          },
        }),
    close: () => Promise.resolve(),
  }
}
