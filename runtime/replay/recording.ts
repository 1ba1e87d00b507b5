import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import { emptyShapes } from '../../graph/empty-shapes.ts'
import type { EffectName, RunError } from '../../graph/errors.ts'
import { encodeValue } from '../../graph/json-value.ts'
import type { Type } from '../../graph/types.ts'
import type { Json, Value } from '../../graph/values.ts'

/**
 * One run as data: what it was given, every answer it got, and how it ended. Plain JSON, whatever it is printed with;
 * values in the encodings of their types (`graph/json-value.ts`).
 */
export interface Recording {
  readonly format: 'quoin-recording-1'
  /** The version of Quoin that ran. */
  readonly quoin: string
  readonly graph: string
  /** sha256 of the graph as written. */
  readonly digest: string
  /** sha256 over graph, options, target and version; empty where the interpreter ran. */
  readonly artifact: string
  /** ISO 8601. */
  readonly began: string
  readonly ms: number
  /** Missing where it did not fit the graph, so that nothing ran. */
  readonly input: Kept | null
  readonly calls: readonly RecordedCall[]
  /** Calls that went out together, in the order in which their answers came. */
  readonly batches: readonly RecordedBatch[]
  /** Transactions that could not be begun or committed, though nothing inside them failed. */
  readonly transactions?: readonly RecordedEnd[]
  readonly outcome: Outcome
  /** What was asked to be left out; stand-ins are in its place. */
  readonly redacted: readonly string[]
}

export interface RecordedCall {
  readonly occurrence: number
  readonly iteration: readonly number[]
  readonly effect: EffectName
  readonly name: string
  readonly args: readonly Kept[]
  /** Its own answer, or the number of an earlier call that shared one. */
  readonly answer: Outcome | { readonly as: number }
  /** Since the run began. */
  readonly atMs: number
  readonly ms: number
  /** Of calls that write. */
  readonly writes?: true
  /** Asked for many elements together. */
  readonly together?: true
  /** Asked ahead of its turn, which never came. */
  readonly unused?: true
  /** Something of the answer, or of the arguments, is a stand-in. */
  readonly redacted?: 'answer' | 'arguments'
}

export interface RecordedBatch {
  readonly occurrence: number
  readonly name: string
  readonly size: number
  readonly roundTrips: number
  readonly ms: number
}

export interface RecordedEnd {
  readonly occurrence: number
  readonly iteration: readonly number[]
  /** Whether its body ran. */
  readonly begun: boolean
  readonly err: KeptError
}

export type Outcome = { readonly ok: Kept } | { readonly err: KeptError }
/** An error without what only the process knew that met it. */
export type KeptError = Readonly<Record<string, Json>> & { readonly _tag: string; readonly cause: string }
/**
 * A value as JSON; as JSON text where printing would lose the sign of a zero inside a document. `shapes` are those of
 * arrays without cells, which JSON does not tell.
 */
export type Kept = ({ readonly value: Json } | { readonly text: string }) & { readonly shapes?: Shapes }
type Shapes = readonly (readonly number[])[]

export const keep = (json: Json, shapes: Shapes = []): Kept => ({
  ...(hasNegativeZero(json) ? { text: exactText(json) } : { value: json }),
  ...(shapes.length === 0 ? {} : { shapes }),
})
export const keepValue = (t: Type, v: Value): Kept => keep(encodeValue(t, v), emptyShapes(t, v))
/** Text that is equal exactly for equal values. */
export const keptText = (k: Kept): string =>
  ('text' in k ? k.text : JSON.stringify(k.value)) +
  (k.shapes === undefined ? '' : ` of shape ${JSON.stringify(k.shapes)}`)

const hasNegativeZero = (json: Json): boolean => {
  const left: Json[] = [json]
  for (let x = left.pop(); x !== undefined; x = left.pop()) {
    if (Object.is(x, -0)) return true
    if (typeof x === 'object' && x !== null) for (const y of Object.values(x)) left.push(y as Json)
  }
  return false
}
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }
const exactText = (json: Json): string =>
  JSON.stringify(json, (_, x: unknown) => (Object.is(x, -0) ? rawJSON('-0') : x))

/** The JSON of something kept, or nothing where it is damaged. */
export const jsonOf = (k: unknown): { readonly json: Json } | undefined => {
  if (typeof k !== 'object' || k === null) return undefined
  if ('shapes' in k && !listOf(k.shapes, (s) => listOf(s, isCount))) return undefined
  if ('value' in k) return { json: k.value as Json }
  if (!('text' in k) || typeof k.text !== 'string') return undefined
  try {
    return { json: JSON.parse(k.text) as Json }
  } catch {
    return undefined
  }
}

/** What of an error is the same in every process: neither what the driver said, nor where the line stands today. */
export const keptError = (e: RunError): KeptError => {
  const { original: _, place: _p, statement: _s, ...rest } = e as RunError & { original?: unknown; statement?: unknown }
  return JSON.parse(JSON.stringify(rest)) as KeptError
}

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
const isCount = (x: unknown): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0
const isNumber = (x: unknown): x is number => typeof x === 'number'
const isText = (x: unknown): x is string => typeof x === 'string'
const isKept = (x: unknown): boolean => jsonOf(x) !== undefined
const isOutcome = (x: unknown): boolean =>
  isObject(x) && ('ok' in x ? isKept(x.ok) : isObject(x.err) && isText(x.err._tag) && isText(x.err.cause))
const listOf = (x: unknown, of: (y: unknown) => boolean): boolean => Array.isArray(x) && x.every(of)

const callProblem = (c: unknown, calls: readonly unknown[], i: number): string | undefined => {
  if (!isObject(c)) return 'is no object'
  if (!isCount(c.occurrence)) return 'has no occurrence'
  if (!listOf(c.iteration, isCount)) return 'has no iteration'
  if (!isText(c.effect) || !isText(c.name)) return 'has no name'
  if (!listOf(c.args, isKept)) return 'has no arguments'
  if (!isNumber(c.ms) || !isNumber(c.atMs)) return 'has no times'
  if (isOutcome(c.answer)) return undefined
  const { as } = (isObject(c.answer) ? c.answer : {}) as { as?: unknown }
  return isCount(as) && as < i && isOutcome((calls[as] as RecordedCall | undefined)?.answer)
    ? undefined
    : 'has no answer'
}

/** Reads what should be a recording; says what is wrong with it otherwise. */
export const readRecording = (x: unknown): Either<string, Recording> => {
  if (!isObject(x)) return left('it is no object')
  if (x.format !== 'quoin-recording-1')
    return left(
      isText(x.format) && x.format.startsWith('quoin-recording-')
        ? `it has the format '${x.format}', and this version reads 'quoin-recording-1'`
        : "its 'format' is not 'quoin-recording-1'",
    )
  for (const k of ['quoin', 'graph', 'digest', 'artifact', 'began'] as const)
    if (!isText(x[k])) return left(`its '${k}' is missing`)
  if (!isNumber(x.ms)) return left("its 'ms' is missing")
  if (x.input !== null && !isKept(x.input)) return left("its 'input' is damaged")
  if (!isOutcome(x.outcome)) return left("its 'outcome' is damaged")
  if (!listOf(x.redacted, isText)) return left("its 'redacted' is damaged")
  const { calls, batches } = x
  if (!Array.isArray(calls)) return left("its 'calls' are missing")
  for (const [i, c] of calls.entries()) {
    const wrong = callProblem(c, calls, i)
    if (wrong !== undefined) return left(`its call ${i} ${wrong}`)
  }
  const isBatch = (b: unknown): boolean =>
    isObject(b) && isCount(b.occurrence) && isText(b.name) && isNumber(b.size) && isNumber(b.roundTrips)
  if (!listOf(batches, isBatch)) return left("its 'batches' are damaged")
  const isEnd = (t: unknown): boolean =>
    isObject(t) &&
    isCount(t.occurrence) &&
    typeof t.begun === 'boolean' &&
    listOf(t.iteration, isCount) &&
    isOutcome({ err: t.err })
  if (x.transactions !== undefined && !listOf(x.transactions, isEnd)) return left("its 'transactions' are damaged")
  return right(x as unknown as Recording)
}
