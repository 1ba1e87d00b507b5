import type { Either } from '../../graph/either.ts'
import { isLeft } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { meanings } from '../../graph/meaning/table.ts'
import type { StaticChoice } from '../../graph/statics.ts'
import type { Type } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { sameValue } from '../../graph/values.ts'
import type { Assumption } from '../assumption.ts'
import type { KernelDescriptor } from '../kernels.ts'
import { bindWasm } from '../kernels.ts'

/** One application of an operation. */
export interface Applied {
  readonly attrs: object
  readonly args: readonly Value[]
  readonly types: readonly Type[]
  readonly result: Type
}

/**
 * A hand-written kernel: it stands for an operation of graphs, where the criteria of `choice` say so when the graph is
 * compiled. It is pure: it reads its operands, writes nothing, and asks nobody.
 */
export interface StaticKernel {
  readonly choice: StaticChoice
  /** Its value; nothing where it declines, so that the operation is done by its meaning. Never throws. */
  readonly run: (a: Applied) => Value | undefined
  /**
   * What its value owes to the interpreter's: nothing to say where it holds. Unless given, the same bits; a kernel that
   * gives other bits says here by how much, and in its assumptions.
   */
  readonly law?: (a: Applied, value: Value, reference: Value) => string | undefined
  readonly assumptions: readonly Assumption[]
}

/**
 * Holds a kernel to its law: what is wrong about its values for these operands, compared with the meaning of the
 * operation. What it declines is not wrong.
 */
export const staticProblems = (k: StaticKernel, cases: readonly Applied[]): readonly string[] =>
  cases.flatMap((a, i) => {
    const value = k.run(a)
    if (value === undefined) return []
    const reference = meanings[k.choice.op]!(a.attrs as never, a.args, a.types, a.result)
    const exact = (): string | undefined => (sameValue(value, reference) ? undefined : 'has other bits')
    const problem = k.law === undefined ? exact() : k.law(a, value, reference)
    return problem === undefined ? [] : [`case ${i}: ${k.choice.name} ${problem}`]
  })

/** A kernel that is a function of a WebAssembly module, which is called as generated ones are. */
export const wasmStatic = (
  module: Uint8Array<ArrayBuffer>,
  descriptor: KernelDescriptor,
  kernel: Omit<StaticKernel, 'run'>,
): Either<RunError, StaticKernel> => {
  const bound = bindWasm([descriptor], module)
  if (isLeft(bound)) return bound
  const run = ({ args }: Applied): Value | undefined => {
    const r = bound.right.run(0, args)
    return isLeft(r) ? undefined : r.right[0]
  }
  return { _tag: 'Right', right: { ...kernel, run } }
}
