import type { CallPlan, Direct, FramePlan, Made, MadeBy } from '../../runtime/kernels/plan.ts'
import type { Operand, Program } from '../program/types.ts'
import { sourcesOf } from './sources.ts'

/**
 * What a program is where it only calls the kernels of one frame, one after another, on its own inputs: then those calls
 * can be made without the program. Undefined where it does anything else.
 */
export const directOf = (p: Program, frames: readonly FramePlan[], calls: readonly CallPlan[]): Direct | undefined => {
  const main = p.blocks[p.main]!
  if (frames.length !== 1 || frames[0]!.block !== p.main || p.ahead !== undefined) return undefined
  const plumbing = new Set(['field', 'record'])
  if (!main.steps.every((s) => s.kind === 'kernel' || (s.kind === 'host' && plumbing.has(s.op)))) return undefined
  const source = sourcesOf(main)
  const steps: { call: number; inputs: (string | MadeBy)[] }[] = []
  const callAt = new Map<number, number>()
  for (const [call, c] of calls.entries()) {
    const inputs: (string | MadeBy)[] = []
    for (const arg of main.steps[c.step]!.args) {
      const from = source(arg)
      if (from.is !== 'output' && arg.at !== 'input') return undefined
      inputs.push(from.is === 'output' ? [callAt.get(from.step)!, from.output] : (arg as { name: string }).name)
    }
    callAt.set(c.step, call)
    steps.push({ call, inputs })
  }
  const made = (o: Operand): Made | undefined => {
    const from = source(o)
    if (from.is === 'output') return [callAt.get(from.step)!, from.output]
    const s = o.at === 'step' ? main.steps[o.index]! : undefined
    if (s?.op !== 'record') return undefined
    const fields = (s.attrs as { fields: readonly string[] }).fields.map((n, k) => [n, made(s.args[k]!)] as const)
    return fields.every((f): f is readonly [string, Made] => f[1] !== undefined) ? { fields } : undefined
  }
  const result = made(main.result)
  return result === undefined ? undefined : { steps, result }
}
