import { version } from './codegen/version.ts'
import { fromValue, toValue } from './graph/build/host.ts'
import type { Built } from './graph/build/index.ts'
import type { Taps } from './graph/build/taps.ts'
import type { Answer, Call } from './graph/effects.ts'
import { effects, emptyFootprint, isEffect } from './graph/effects.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError, RunError } from './graph/errors.ts'
import { caught } from './graph/errors.ts'
import type { Apart, Aside, EvaluationInParts, Watch } from './graph/eval.ts'
import { evaluate, evaluateInParts, runPure } from './graph/eval.ts'
import type { Graph } from './graph/graph.ts'
import { siteOf } from './graph/graph.ts'
import { encodeValue } from './graph/json-value.ts'
import type { Need } from './graph/need.ts'
import { digest } from './graph/text.ts'
import type { Boundary } from './graph/transaction.ts'
import type { Type } from './graph/types.ts'
import { record } from './graph/types.ts'
import type { Json, RecordValue } from './graph/values.ts'
import { postorder } from './graph/walk.ts'
import { noKernels } from './runtime/bind.ts'
import { memory } from './runtime/cache.ts'
import { wrongDialect } from './runtime/dialect.ts'
import type { Driver } from './runtime/driver.ts'
import { clock } from './runtime/drivers/clock/index.ts'
import { log } from './runtime/drivers/log/index.ts'
import { random } from './runtime/drivers/random/index.ts'
import { keeper } from './runtime/engine/bounds.ts'
import type { Workshop } from './runtime/engine/workshop.ts'
import type { Drivers } from './runtime/load.ts'
import type { Replayed, ReplayOptions } from './runtime/replay/playback.ts'
import { Playback } from './runtime/replay/playback.ts'
import type { Recorded, Recorder } from './runtime/replay/recorder.ts'
import { recorderFor } from './runtime/replay/recorder.ts'
import { inputOf, replayable } from './runtime/replay/replay.ts'
import type { Side } from './runtime/replay/side.ts'
import type { RunOptions } from './runtime/run.ts'
import { Run } from './runtime/run.ts'
import { Halted } from './runtime/stopped.ts'

export interface InterpretOptions extends RunOptions {
  /** Sees every value that is computed; by throwing `Halted` it ends the run. */
  readonly watch?: Watch
  /** Which pure operations are done apart, and by whom, so that the event loop need not wait for them. */
  readonly slices?: { readonly apart: Apart; readonly compute: (a: Aside) => Promise<Answer> }
}

/**
 * Runs a graph as written with the reference interpreter against real drivers: slow, sequential, and right by
 * definition. What compiled graphs are compared with.
 */
export const interpret = async <Input, Output>(
  built: Built<Input, Output> | Graph,
  drivers: Drivers,
  input: Input,
  options: InterpretOptions = {},
): Promise<Either<CompileError | RunError, Output>> => {
  const sealed = 'sealed' in built ? built.sealed : right(built)
  if (isLeft(sealed)) return sealed
  const g: Graph = sealed.right
  const recorder = recorderFor(options.record, () => recordedOf(g))
  if (isLeft(recorder)) return recorder
  const to = recorder.right
  const answer = await answerOf(g, drivers, input, to?.options(options) ?? options, to, options)
  to?.finish(answer)
  return isLeft(answer) ? answer : right(fromValue(g.arena.typeOf(g.root), answer.right) as Output)
}

const answerOf = async (
  g: Graph,
  drivers: Drivers,
  input: unknown,
  options: RunOptions,
  recorder: Recorder | undefined,
  { watch, slices }: InterpretOptions,
): Promise<Answer> => {
  const given = toValue(record(g.inputs), input)
  if (isLeft(given)) {
    return left({
      _tag: 'InvalidInput',
      node: '',
      place: '',
      cause: given.left.map((m) => `input ${m.path} ${m.problem}`).join('; '),
      remedy: 'pass the inputs the graph declares',
    })
  }
  const all: Drivers = { clock: clock(), random: random(), log: log(), ...drivers }
  const run = new Run(
    {
      drivers: all,
      memory: memory(),
      kernels: noKernels,
      graph: g.name,
      removed: 0,
      footprint: () => emptyFootprint,
      site: siteIn(g),
    },
    options,
  )
  const outside = recorder?.of(run, given.right) ?? run
  const stop = run.stopped()
  if (stop !== undefined) return left(stop)
  try {
    const evaluation: EvaluationInParts =
      slices === undefined
        ? evaluate(g, given.right as RecordValue, watch)
        : evaluateInParts(g, given.right as RecordValue, watch, slices.apart)
    const end = await follow(evaluation, evaluation.next(), outside, all, async (a) => {
      const stop = run.stopped()
      return stop === undefined ? slices!.compute(a) : left(stop)
    })
    options.stats?.(run.stats)
    return end.value as Answer
  } catch (e) {
    return left(e instanceof Halted ? e.why : caught('', e))
  }
}

/** A value that was marked with `tap`, as it was on the way. */
export interface Tapped {
  readonly name: string
  readonly iteration: readonly number[]
  /** As JSON; of a record, the fields that anything looks at. */
  readonly value: Json
}
export interface InterpretedReplay extends ReplayOptions {
  readonly tapped?: (tapped: Tapped) => void
  /** Sees every value that is computed; by throwing `Halted` it ends the replay. */
  readonly watch?: Watch
}

/**
 * Replays a recorded run by interpreting the graph as written, whatever ran: in program order, each value as it was
 * meant, so that those marked with `tap` can be shown.
 */
export const replayGraph = <Input, Output>(
  built: Built<Input, Output> | Graph,
  recording: unknown,
  { tapped, watch, ...options }: InterpretedReplay = {},
): Either<CompileError | RunError, Replayed> => {
  const sealed = 'sealed' in built ? built.sealed : right(built)
  if (isLeft(sealed)) return sealed
  const g: Graph = sealed.right
  try {
    const r = replayable(recording, digest(g))
    if (isLeft(r)) return r
    const input = inputOf(r.right, g.inputs)
    if (isLeft(input)) return input
    const taps: Taps = ('taps' in built ? built.taps : undefined) ?? new Map()
    const playback = new Playback(r.right, options, siteIn(g))
    const look: Watch = (region, id, value, need, iteration) => {
      watch?.(region, id, value, need, iteration)
      const type = g.arena.typeOf(id)
      for (const name of taps.get(region)?.get(id) ?? [])
        tapped?.({ name, iteration, value: needed(type, encodeValue(type, value), need) })
    }
    const evaluation = evaluate(g, input.right, tapped === undefined ? watch : look)
    const end = playback.end(
      runPure(
        evaluation,
        (call) => playback.answer(call),
        (b) => (b.failure === undefined ? playback.undone(b, b.edge === 'end') : undefined) ?? right(null),
      ),
      g.arena.typeOf(g.root),
    )
    return '_tag' in end ? left(end) : right(end)
  } catch (e) {
    return left(e instanceof Halted ? e.why : caught('', e))
  }
}
/** The same, held to the bounds of a run. */
export const replayWithin: Workshop['replay'] = (g, recording, bounds) => {
  const keep = keeper(bounds)
  return replayGraph(g, recording, { watch: (_, id, value) => keep.see(g.arena.opOf(id).name, value) })
}

/** What of a value was computed: the rest is filled in and would only mislead. */
const needed = (t: Type, json: Json, need: Need): Json => {
  if (need === true) return json
  if (t.kind === 'list') return (json as readonly Json[]).map((x) => needed(t.of, x, need))
  if (t.kind !== 'record') return need.size === 0 ? null : json
  const fields = json as Readonly<Record<string, Json>>
  return Object.fromEntries(
    t.fields.flatMap(([n, of]) => (need.has(n) ? [[n, needed(of, fields[n]!, need.get(n)!)]] : [])),
  )
}

const siteIn = (g: Graph) => (o: number) => ({ node: siteOf(g, o).name, place: siteOf(g, o).place })

const recordedOf = (g: Graph): Recorded => ({
  quoin: version,
  graph: g.name,
  digest: digest(g),
  artifact: '',
  input: record(g.inputs),
  output: g.arena.typeOf(g.root),
  names: namesIn(g),
  footprint: () => emptyFootprint,
})
/** Names of calls and of the drivers they speak to. */
const namesIn = (g: Graph): readonly string[] => {
  const names = new Set<string>()
  const seen = new Set<number>()
  const regions: number[] = [g.root]
  for (let root = regions.pop(); root !== undefined; root = regions.pop()) {
    if (seen.has(root)) continue
    seen.add(root)
    for (const id of postorder(g.arena, root)) {
      for (const r of g.arena.regionsOf(id)) regions.push(r.root)
      const { name, attrs } = g.arena.opOf(id)
      if (!isEffect(name)) continue
      names.add((attrs as { name?: string }).name ?? name)
      names.add(effects[name].driver(attrs as never))
    }
  }
  return [...names]
}

const refused = (call: Call, driver: Driver): Either<RunError, never> | undefined => {
  const { name = '', dialect } = call.effect === 'dbQuery' ? call.attrs : {}
  const wrong = wrongDialect(name, dialect, driverOf(call), driver)
  return wrong === undefined ? undefined : left(wrong)
}

/** Answers what an evaluation asks until it ends, or until the transaction does that it stands in. */
const follow = async (
  evaluation: EvaluationInParts,
  from: Step,
  run: Run | Side,
  all: Drivers,
  apart: (a: Aside) => Promise<Answer>,
): Promise<Step> => {
  let step = from
  while (step.done !== true) {
    const asked = step.value
    if (asked.effect === 'meaning') step = evaluation.next(await apart(asked))
    else if (asked.effect !== 'transaction') step = evaluation.next(await answered(asked, run, all))
    else if (asked.edge === 'end') return step
    else if (all[asked.attrs.db]?.transactions?.isolation.includes(asked.attrs.isolation) !== true)
      step = evaluation.next(left(missing(asked.attrs.db, 'that does such transactions is bound')))
    else {
      const { answer } = await run.within(asked, false, async (inside) => {
        const { value } = await follow(evaluation, evaluation.next(right(null)), inside, all, apart)
        const failure = 'failure' in value ? value.failure : undefined
        return failure === undefined ? right(null) : left(failure)
      })
      step = evaluation.next(answer)
    }
  }
  return step
}
type Step = IteratorResult<Call | Boundary | Aside, Answer>

const answered = (call: Call, run: Run | Side, all: Drivers): Promise<Answer> | Answer => {
  const driver = all[driverOf(call)]
  return driver === undefined ? left(missing(driverOf(call), 'is bound')) : (refused(call, driver) ?? run.perform(call))
}
const missing = (name: string, what: string): RunError => ({
  _tag: 'DriverMissing',
  node: name,
  place: '',
  cause: `no driver ${what} to '${name}'`,
  remedy: 'bind a driver to every name the graph uses',
})
const driverOf = (call: Call): string => effects[call.effect].driver(call.attrs as never)
