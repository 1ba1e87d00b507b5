import { fromValue, toValue } from './graph/build/host.ts'
import type { Built } from './graph/build/index.ts'
import type { Answer, Call } from './graph/effects.ts'
import { effects, emptyFootprint } from './graph/effects.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError, RunError } from './graph/errors.ts'
import { bug } from './graph/errors.ts'
import type { Evaluation } from './graph/eval.ts'
import { evaluate } from './graph/eval.ts'
import type { Graph } from './graph/graph.ts'
import { siteOf } from './graph/graph.ts'
import type { Boundary } from './graph/transaction.ts'
import { record } from './graph/types.ts'
import type { RecordValue } from './graph/values.ts'
import { noKernels } from './runtime/bind.ts'
import { memory } from './runtime/cache.ts'
import { clock } from './runtime/drivers/clock/index.ts'
import { log } from './runtime/drivers/log/index.ts'
import { random } from './runtime/drivers/random/index.ts'
import type { Drivers } from './runtime/load.ts'
import type { RunOptions } from './runtime/run.ts'
import { Run } from './runtime/run.ts'

/**
 * Runs a graph as written with the reference interpreter against real drivers: slow, sequential, and right by
 * definition. What compiled graphs are compared with.
 */
export const interpret = async <Input, Output>(
  built: Built<Input, Output> | Graph,
  drivers: Drivers,
  input: Input,
  options: RunOptions = {},
): Promise<Either<CompileError | RunError, Output>> => {
  const sealed = 'sealed' in built ? built.sealed : right(built)
  if (isLeft(sealed)) return sealed
  const g: Graph = sealed.right
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
      site: (o) => ({ node: siteOf(g, o).name, place: siteOf(g, o).place }),
    },
    options,
  )
  try {
    const evaluation = evaluate(g, given.right as RecordValue)
    const end = await follow(evaluation, evaluation.next(), run, all)
    options.stats?.(run.stats)
    const answer = end.value as Answer
    return isLeft(answer) ? answer : right(fromValue(g.arena.typeOf(g.root), answer.right) as Output)
  } catch (e) {
    return left(bug('', e))
  }
}

/** Answers what an evaluation asks until it ends, or until the transaction does that it stands in. */
const follow = async (evaluation: Evaluation, from: Step, run: Run, all: Drivers): Promise<Step> => {
  let step = from
  while (step.done !== true) {
    const asked = step.value
    if (asked.effect !== 'transaction') step = evaluation.next(await answered(asked, run, all))
    else if (asked.edge === 'end') return step
    else if (all[asked.attrs.db]?.transactions?.isolation.includes(asked.attrs.isolation) !== true)
      step = evaluation.next(left(missing(asked.attrs.db, 'that does such transactions is bound')))
    else {
      const { answer } = await run.within(asked, false, async (inside) => {
        const { value } = await follow(evaluation, evaluation.next(right(null)), inside, all)
        const failure = 'failure' in value ? value.failure : undefined
        return failure === undefined ? right(null) : left(failure)
      })
      step = evaluation.next(answer)
    }
  }
  return step
}
type Step = IteratorResult<Call | Boundary, Answer>

const answered = (call: Call, run: Run, all: Drivers): Promise<Answer> | Answer =>
  all[driverOf(call)] === undefined ? left(missing(driverOf(call), 'is bound')) : run.perform(call)
const missing = (name: string, what: string): RunError => ({
  _tag: 'DriverMissing',
  node: name,
  place: '',
  cause: `no driver ${what} to '${name}'`,
  remedy: 'bind a driver to every name the graph uses',
})
const driverOf = (call: Call): string => effects[call.effect].driver(call.attrs as never)
