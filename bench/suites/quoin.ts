import type { Compiled } from '../../compile.ts'
import { compile } from '../../compile.ts'
import type { Built, Either, QuoinError } from '../../graph/index.ts'
import { describeError, fromValue, toValue } from '../../graph/index.ts'
import type { Value } from '../../graph/values.ts'
import { bindKernels } from '../../runtime/bind.ts'
import { memory } from '../../runtime/cache.ts'
import { load } from '../../runtime/load.ts'
import { Run } from '../../runtime/run.ts'
import { support } from '../../runtime/support.ts'
import type { Contender } from '../harness.ts'

export const must = <T>(answer: Either<QuoinError, T>): T => {
  if (answer._tag === 'Left') throw new Error(describeError(answer.left))
  return answer.right
}

/**
 * A pure graph as a contender: its whole program, on inputs that are values already, as they are between a query and a
 * kernel. Copies into and out of the memory of WebAssembly count; `run` of a loaded graph also copies what it is given
 * and what it gives, which does not.
 */
export const quoin = async <Input, Output, Result>(
  name: string,
  graph: Built<Input, Output>,
  target: 'ts' | 'wasm',
  input: Input,
  pick: (output: Output) => Result,
  /** How often it runs for one run of the others, its first result becoming its first input. */
  times = 1,
): Promise<Contender<Result>> => {
  const compiled: Compiled<Input, Output> = must(await compile(graph, { target }))
  const given = toValue(graph.inputType, input)
  if (given._tag === 'Left') throw new Error(given.left.map((m) => `${m.path} ${m.problem}`).join('; '))
  const kernels = must(await bindKernels(compiled))
  const site = () => ({ node: '', place: '' })
  const footprint = () => ({ reads: [], writes: [] })
  const bound = { drivers: {}, memory: memory(), kernels, removed: 0, site, footprint }
  const program = compiled.program(support(new Run(bound, {})))
  let last: Value | undefined
  return {
    name,
    run: async () => {
      let values = given.right as Readonly<Record<string, Value>>
      for (let k = 0; k < times; k++) {
        last = must(await program(values))
        if (times > 1) values = { ...values, [Object.keys(values)[0]!]: Object.values(last as typeof values)[0]! }
      }
    },
    output: () => pick(fromValue(graph.outputType, last!) as Output),
  }
}

/** The same on inputs in the memory of its kernels, its result looked at where it lies. */
export const prepared = async <Input, Output, Result extends { slice(): Result }>(
  name: string,
  graph: Built<Input, Output>,
  target: 'ts' | 'wasm',
  inputs: Readonly<Record<string, Float64Array | Float32Array>>,
  pick: (output: Output) => Result,
  times = 1,
): Promise<Contender<Result>> => {
  const compiled = must(await compile(graph, { target }))
  const [first] = Object.keys(inputs) as [string]
  const loaded = must(await load<Input, Output>(compiled))
  const p = must(loaded.prepare({}, times === 1 ? {} : ({ [first]: 'y' } as never)))
  const fill = (names: readonly string[]): void => {
    const cells = p.input as Readonly<Record<string, Float64Array | Float32Array>>
    for (const k of names) cells[k]!.set(inputs[k]!)
  }
  fill(Object.keys(inputs))
  return {
    name,
    run:
      times === 1
        ? () => {
            p.run()
          }
        : () => {
            fill([first])
            for (let k = 0; k < times; k++) p.run()
          },
    output: () => pick(must(p.output())).slice(),
    close: p.close,
  }
}
