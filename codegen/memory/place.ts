import type { Numeric } from '../../graph/elem.ts'
import { storage } from '../../graph/elem.ts'
import type { TensorType } from '../../graph/types.ts'
import { fieldOf } from '../../graph/types.ts'
import type { CallPlan, FramePlan, MemoryPlan } from '../../runtime/kernels/plan.ts'
import type { Kernel } from '../kernels/index.ts'
import { overlaps } from '../program/overlap.ts'
import type { Block, Program } from '../program/types.ts'
import { asksOutside } from '../program/types.ts'
import { boundOf } from './bound.ts'
import { directOf } from './direct.ts'
import type { Draft, Piece } from './frame.ts'
import { frameOf, sizeKey, sizeOf } from './frame.ts'
import { inPlaceOf } from './in-place.ts'
import type { Source } from './sources.ts'
import { looked, sourcesOf } from './sources.ts'

/**
 * Plans the memory of kernels. What one kernel makes and only kernels of the same frame read never becomes a value; what
 * else looks at it gets a copy. `apart` is for targets whose kernels reach nothing but their own memory: there every
 * input is brought in once a frame and every output lies in it. Elsewhere arrays are read and written where they are.
 */
export const placed = (p: Program, kernels: readonly Kernel[], apart: boolean): MemoryPlan => {
  const inPlace = kernels.map(inPlaceOf)
  const frames: FramePlan[] = []
  const calls: CallPlan[] = []
  for (const [i, b] of p.blocks.entries()) {
    // A look ahead runs its kernels as answers come, each by itself.
    if (b.scout === true) continue
    const spans = spansOf(p, b)
    const planning = new Planning(p, i, b, spans, kernels, inPlace, apart)
    for (const span of spans) {
      const done = planning.frame(span, frames.length)
      frames.push(done.frame)
      calls.push(...done.calls)
    }
  }
  const direct = directOf(p, frames, calls)
  return { frames, calls, bound: boundOf(p, frames), ...(direct === undefined ? {} : { direct }) }
}

interface Span {
  readonly first: number
  readonly last: number
}
/** Runs of steps from kernel to kernel without a wait between them; one kernel each where steps start when they can. */
const spansOf = (p: Program, b: Block): readonly Span[] => {
  const out: Span[] = []
  let open: { first: number; last: number } | undefined
  const apart = overlaps(p, b)
  for (const [k, s] of b.steps.entries()) {
    if (asksOutside(s) || s.blocks.some((x) => p.blocks[x]!.waits)) open = undefined
    else if (s.kind !== 'kernel') continue
    else if (open === undefined || apart) {
      open = { first: k, last: k }
      out.push(open)
    } else open.last = k
  }
  return out
}

/** Every output is a name of its own. */
const outputName = (step: number, output: number): string => `v${step}.${output}`

class Planning {
  readonly #program: Program
  readonly #index: number
  readonly #block: Block
  readonly #kernels: readonly Kernel[]
  readonly #inPlace: readonly (readonly (readonly number[])[])[]
  readonly #apart: boolean
  readonly #source: ReturnType<typeof sourcesOf>
  /** Outputs that something else than a kernel looks at. */
  readonly #leaving = new Set<string>()

  constructor(
    program: Program,
    index: number,
    block: Block,
    spans: readonly Span[],
    kernels: readonly Kernel[],
    inPlace: readonly (readonly (readonly number[])[])[],
    apart: boolean,
  ) {
    this.#program = program
    this.#index = index
    this.#block = block
    this.#kernels = kernels
    this.#inPlace = inPlace
    this.#apart = apart
    this.#source = sourcesOf(block)
    let at = 0
    for (const [k, s] of block.steps.entries()) {
      while (at < spans.length && spans[at]!.last < k) at++
      for (const o of looked(s)) {
        const from = this.#source(o)
        const field = s.kind === 'host' && s.op === 'field' && from.is === 'outputs'
        const inside = s.kind === 'kernel' && from.is === 'output' && from.step >= spans[at]!.first
        if (!field && !inside) this.#leave(from)
      }
    }
    this.#leave(this.#source(block.result))
  }
  #leave(s: Source): void {
    if (s.is === 'output') this.#leaving.add(outputName(s.step, s.output))
    if (s.is === 'outputs')
      for (const k of this.#kernel(s.step).descriptor.outputs.keys()) this.#leaving.add(outputName(s.step, k))
  }
  #kernel(step: number): Kernel {
    return this.#kernels[this.#block.steps[step]!.kernel!]!
  }
  #type(index: number): TensorType {
    return this.#program.types[index] as TensorType
  }

  frame(span: Span, number: number): { frame: FramePlan; calls: readonly CallPlan[] } {
    const pieces: Piece[] = []
    const held = new Map<string, number>()
    const hold = (name: string, elem: Numeric, t: TensorType, step: number): number => {
      const at = pieces.push({ elem, size: sizeOf(elem, t.shape), from: step, to: step, instead: undefined }) - 1
      held.set(name, at)
      return at
    }
    const calls: Draft[] = []
    for (let step = span.first; step <= span.last; step++) {
      const s = this.#block.steps[step]!
      if (s.kind !== 'kernel') continue
      const { descriptor: d } = this.#kernel(step)
      const call: Draft = {
        frame: number,
        step,
        kernel: s.kernel!,
        inputs: [],
        brought: [],
        outputs: [],
        leaving: [],
        scratch: [],
      }
      for (const [i, x] of d.inputs.entries()) {
        const source = this.#source(s.args[i]!)
        const name = source.is === 'output' ? outputName(source.step, source.output) : sourceName(source)
        const t = this.#type(s.argTypes[i]!)
        let at = held.get(name)
        if (at === undefined && x.read && (this.#apart || t.shape.length === 0)) {
          at = hold(name, x.elem, t, step)
          call.brought.push(i)
        }
        if (at !== undefined && x.read) pieces[at]!.to = step
        call.inputs.push(at ?? null)
      }
      for (const [k, x] of d.outputs.entries()) {
        const name = outputName(step, k)
        const t = fieldOf(this.#program.types[s.type]!, String(k)) as TensorType
        const leaves = this.#leaving.has(name)
        if (leaves) call.leaving.push(k)
        const inside = this.#apart || t.shape.length === 0 || !leaves
        call.outputs.push(inside ? hold(name, storage(t.elem) ?? x.elem, t, step) : null)
      }
      for (const x of d.scratch)
        call.scratch.push(hold(`v${step}.scratch${call.scratch.length}`, x.elem, flat(x), step))
      calls.push(call)
    }
    for (const c of calls) this.#takeOver(c, pieces)
    return { frame: frameOf({ block: this.#index, ...span }, pieces), calls }
  }

  #takeOver(c: Draft, pieces: Piece[]): void {
    const taken = new Set<number>()
    for (const [k, out] of c.outputs.entries()) {
      if (out === null) continue
      const allowed = this.#inPlace[c.kernel]![k]!
      const found = allowed
        .map((i) => c.inputs[i] ?? null)
        .find(
          (b) =>
            b !== null &&
            !taken.has(b) &&
            pieces[b]!.to === c.step &&
            sizeKey(pieces[b]!.size) === sizeKey(pieces[out]!.size) &&
            c.inputs.every((x, i) => x !== b || allowed.includes(i)),
        )
      if (found === undefined || found === null) continue
      taken.add(found)
      pieces[out]!.instead = found
    }
  }
}

const sourceName = (s: Source): string => (s.is === 'value' ? s.name : `v${(s as { step: number }).step}`)
const flat = (x: { elem: Numeric; length: number }): TensorType => ({ kind: 'tensor', elem: x.elem, shape: [x.length] })
