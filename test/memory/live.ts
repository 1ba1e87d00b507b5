import type { Operand, Step } from '../../codegen/program/types.ts'
import { bytesOf, storage } from '../../graph/elem.ts'
import type { TensorType, Type } from '../../graph/types.ts'
import { fieldOf } from '../../graph/types.ts'
import type { CallPlan, FramePlan, Size } from '../../runtime/kernels.ts'
import type { Planned } from './planned.ts'

/** How many bytes a size is, every dimension without a number being `n`. */
export const bytesWith = (s: Size, n: number): number => s.of.reduce((b) => b * n, s.bytes)
const words = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** What a frame takes by its plan. */
export const framePeak = (f: FramePlan, n: number): number =>
  f.bytes + f.slots.reduce((b, s) => b + words(bytesWith(s, n)), 0)

/**
 * The least that any placement of a frame's values could take: at each kernel, what it reads and writes and what lies over
 * for later ones, in whole words. Worked out from the program alone, but for two things that are the plan's choice: which
 * values lie in the frame at all, and which outputs take the place of an input (those count once).
 */
export const liveBytes = (p: Planned, index: number, n: number): number => {
  const frame = p.plan.frames[index]!
  const block = p.program.blocks[frame.block]!
  const calls = p.plan.calls.filter((c) => c.frame === index)
  const name = (o: Operand): string => {
    if (o.at !== 'step') return JSON.stringify(o)
    const s = block.steps[o.index]!
    if (s.kind === 'assert' || s.kind === 'sequence') return name(s.args[1]!)
    if (s.op === 'field' && s.args[0]!.at === 'step' && block.steps[s.args[0]!.index]!.kind === 'kernel')
      return `${s.args[0]!.index}/${(s.attrs as { name: string }).name}`
    return JSON.stringify(o)
  }
  const typeBytes = (t: Type): number => {
    const { elem, shape } = t as TensorType
    return words(shape.reduce<number>((b, d) => b * (typeof d === 'number' ? d : n), bytesOf[storage(elem)!]))
  }
  const first = new Map<string, number>()
  const last = new Map<string, number>()
  const bytes = new Map<string, number>()
  const touch = (value: string, t: Type, step: number): void => {
    if (!first.has(value)) first.set(value, step)
    last.set(value, step)
    bytes.set(value, typeBytes(t))
  }
  const reads = (c: CallPlan, s: Step): readonly number[] =>
    s.args.flatMap((_, i) => (c.inputs[i] !== null && p.kernels[c.kernel]!.descriptor.inputs[i]!.read ? [i] : []))
  for (const c of calls) {
    const s = block.steps[c.step]!
    for (const i of reads(c, s)) touch(name(s.args[i]!), p.program.types[s.argTypes[i]!]!, c.step)
    for (const [o, b] of c.outputs.entries())
      if (b !== null) touch(`${c.step}/${o}`, fieldOf(p.program.types[s.type]!, String(o))!, c.step)
  }
  let most = 0
  for (const c of calls) {
    let live = p.kernels[c.kernel]!.descriptor.scratch.reduce((b, x) => b + words(x.length * bytesOf[x.elem]), 0)
    for (const [value, from] of first) if (from <= c.step && c.step <= last.get(value)!) live += bytes.get(value)!
    for (const b of c.outputs) {
      const place = b === null ? undefined : frame.buffers[b]!
      const shared = c.inputs.some(
        (x, i) =>
          x !== null &&
          place !== undefined &&
          p.kernels[c.kernel]!.descriptor.inputs[i]!.read &&
          frame.buffers[x]!.at === place.at &&
          frame.buffers[x]!.size.of.length === place.size.of.length,
      )
      if (shared) live -= words(bytesWith(place!.size, n))
    }
    most = Math.max(most, live)
  }
  return most
}
