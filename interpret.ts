import { fromValue, toValue } from './graph/build/host.ts'
import type { Built } from './graph/build/index.ts'
import type { Call } from './graph/effects.ts'
import { effects, emptyFootprint } from './graph/effects.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError, RunError } from './graph/errors.ts'
import { bug } from './graph/errors.ts'
import { evaluate } from './graph/eval.ts'
import type { Graph } from './graph/graph.ts'
import { siteOf } from './graph/graph.ts'
import { record } from './graph/types.ts'
import type { RecordValue } from './graph/values.ts'
import { noKernels } from './runtime/bind.ts'
import { memory } from './runtime/cache.ts'
import { wrongDialect } from './runtime/dialect.ts'
import type { Driver } from './runtime/driver.ts'
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
    let step = evaluation.next()
    while (step.done !== true) {
      const call = step.value
      const driver = all[driverOf(call)]
      step = evaluation.next(
        driver === undefined
          ? left({
              _tag: 'DriverMissing',
              node: driverOf(call),
              place: '',
              cause: `no driver is bound to '${driverOf(call)}'`,
              remedy: 'bind a driver to every name the graph uses',
            })
          : (refused(call, driver) ?? (await run.perform(call))),
      )
    }
    options.stats?.(run.stats)
    return isLeft(step.value) ? step.value : right(fromValue(g.arena.typeOf(g.root), step.value.right) as Output)
  } catch (e) {
    return left(bug('', e))
  }
}

const refused = (call: Call, driver: Driver): Either<RunError, never> | undefined => {
  const { name = '', dialect } = call.effect === 'dbQuery' ? call.attrs : {}
  const wrong = wrongDialect(name, dialect, driverOf(call), driver)
  return wrong === undefined ? undefined : left(wrong)
}

const driverOf = (call: Call): string => effects[call.effect].driver(call.attrs as never)
