import { bytesOf, storage } from '../../graph/elem.ts'
import type { Type } from '../../graph/types.ts'
import type { CallPlan, FramePlan, MemoryPlan, Size } from '../../runtime/kernels/plan.ts'
import type { Kernel } from '../kernels/index.ts'
import { overlaps } from '../program/overlap.ts'
import type { Block, Operand, Program, Step } from '../program/types.ts'
import { asksOutside } from '../program/types.ts'
import { cellByCell } from './check-cells.ts'
import { directProblem } from './check-direct.ts'
import { Contents } from './contents.ts'

/**
 * Checks a memory plan by running the program on paper: every write to a buffer spoils what shares a byte with it, and
 * every read must find the value that the program means. So two values that are needed at one time cannot overlap,
 * nothing is given up too early, and an output may lie on an input only if the kernel reads it cell by cell and nobody
 * reads it later. Sizes come from the program's types, the bound from its calls. Shares nothing with the planner; the
 * answer is the first thing that is wrong, or undefined.
 */
export const memoryProblem = (
  p: Program,
  kernels: readonly Kernel[],
  m: MemoryPlan,
  apart: boolean,
): string | undefined => {
  const calls = new Map(m.calls.map((c) => [`${m.frames[c.frame]?.block} ${c.step}`, c]))
  if (calls.size !== m.calls.length) return 'a step has two calls'
  const frames = Map.groupBy(m.frames.entries(), ([, f]) => f.block)
  if ([...frames.keys()].some((b) => p.blocks[b] === undefined)) return 'a frame covers no block'
  // Blocks come before those that use them; one that does not is taken to wait.
  const waiting: boolean[] = []
  let seen = 0
  for (const [i, b] of p.blocks.entries()) {
    waiting.push(b.steps.some((s) => asksOutside(s) || s.blocks.some((x) => waiting[x] !== false)))
    if (b.scout === true) {
      // A look ahead runs its kernels as answers come, each by itself.
      if (frames.has(i)) return `block ${i} looks ahead, and has a frame`
      continue
    }
    const checking = new BlockCheck(p, b, waiting, kernels, apart)
    const wrong = checking.run(frames.get(i) ?? [], (step) => calls.get(`${i} ${step}`))
    if (wrong !== undefined) return `block ${i}, ${wrong}`
    seen += checking.calls
  }
  return seen === m.calls.length ? (boundProblem(p, m) ?? directProblem(p, m)) : 'a call belongs to no kernel step'
}

/** The value behind an operand, by name, and the step and outputs if a kernel made it. */
interface From {
  readonly name: string
  readonly step?: number
  readonly outputs?: readonly number[]
}
type Wrong = string | undefined

class BlockCheck {
  calls = 0
  readonly #program: Program
  readonly #block: Block
  readonly #waiting: readonly boolean[]
  readonly #kernels: readonly Kernel[]
  readonly #apart: boolean
  /** Steps start when they can, in whatever order that is. */
  readonly #loose: boolean
  readonly #from: From[] = []
  readonly #leaves = new Map<number, readonly number[]>()

  constructor(program: Program, block: Block, waiting: readonly boolean[], kernels: readonly Kernel[], apart: boolean) {
    this.#program = program
    this.#block = block
    this.#waiting = waiting
    this.#kernels = kernels
    this.#apart = apart
    this.#loose = overlaps(program, block)
  }

  run(frames: readonly (readonly [number, FramePlan])[], callAt: (step: number) => CallPlan | undefined): Wrong {
    let next = 0
    let contents: Contents | undefined
    for (const [k, s] of this.#block.steps.entries()) {
      const [index, frame] = frames[next] ?? []
      if (frame !== undefined && frame.first === k) {
        if (!(frame.last >= k && frame.last < this.#block.steps.length)) return `frame ${index} does not end`
        if (this.#loose && frame.last > k) return `frame ${index} covers steps that need not follow one another`
        contents = new Contents(frame)
        const wrong = contents.problem()
        if (wrong !== undefined) return `frame ${index}: ${wrong}`
      }
      if (contents !== undefined && this.#waits(s)) return `step ${k} waits within a frame`
      this.#from.push(this.#made(s, k))
      const call = callAt(k)
      if (s.kind === 'kernel') {
        if (call === undefined || contents === undefined || call.frame !== index) return `step ${k} has no call`
        const wrong = this.#call(s, k, call, contents)
        if (wrong !== undefined) return `step ${k}: ${wrong}`
        this.calls++
      } else if (s.kind !== 'sequence') {
        const field = this.#from[k]!.step !== undefined && s.kind === 'host'
        const own = s.kind === 'assert' ? s.args.filter((_, k) => k !== 1) : field ? [] : s.args
        if (!own.every((o) => this.#given(o))) return `step ${k}: ${s.op} looks at what stays in a frame`
      }
      if (frame !== undefined && frame.last === k) {
        contents = undefined
        next++
      }
    }
    if (next !== frames.length) return 'frames overlap or are out of order'
    return this.#given(this.#block.result) ? undefined : 'the result stays in a frame'
  }
  #waits(s: Step): boolean {
    return asksOutside(s) || s.blocks.some((b) => this.#waiting[b] !== false)
  }

  #at(o: Operand): From {
    return o.at === 'step' ? this.#from[o.index]! : { name: `${o.at} ${'name' in o ? o.name : JSON.stringify(o)}` }
  }
  #made(s: Step, k: number): From {
    if (s.kind === 'kernel') {
      const outputs = this.#kernels[s.kernel!]!.descriptor.outputs.map((_, i) => i)
      return { name: `step ${k}`, step: k, outputs }
    }
    if (s.kind === 'sequence' || s.kind === 'assert') return this.#at(s.args[1]!)
    if (s.kind === 'host' && s.op === 'field') {
      const of = this.#at(s.args[0]!)
      const output = Number((s.attrs as { name: string }).name)
      if (of.outputs?.includes(output) && of.name === `step ${of.step}`)
        return { name: `output ${of.step} ${output}`, step: of.step!, outputs: [output] }
    }
    return { name: `step ${k}` }
  }
  /** Whether the caller has a value, and not only the frame. */
  #given(o: Operand): boolean {
    const { step, outputs } = this.#at(o)
    return step === undefined || outputs!.every((x) => this.#leaves.get(step)!.includes(x))
  }

  #call(s: Step, k: number, c: CallPlan, contents: Contents): Wrong {
    const kernel = this.#kernels[c.kernel]
    if (kernel === undefined || c.kernel !== s.kernel) return 'calls another kernel'
    const { inputs, outputs, scratch } = kernel.descriptor
    if (c.inputs.length !== inputs.length || c.outputs.length !== outputs.length || c.scratch.length !== scratch.length)
      return 'has other operands than its kernel'
    const names = s.args.map((a) => this.#at(a).name)
    for (const i of c.brought) {
      if (c.inputs[i] == null || !this.#given(s.args[i]!)) return `input ${i} cannot be brought`
      contents.write(c.inputs[i], names[i]!)
    }
    for (const [i, b] of c.inputs.entries()) {
      const type = this.#program.types[s.argTypes[i]!]!
      if (b === null) {
        const reachable = !inputs[i]!.read || (!this.#apart && rank(type) > 0)
        if (!reachable || !this.#given(s.args[i]!)) return `input ${i} is out of reach`
        continue
      }
      const wrong = contents.fits(b, sizeOf(type), inputs[i]!.elem)
      if (wrong !== undefined) return `input ${i}: ${wrong}`
      if (contents.named(b) !== names[i]) return `input ${i} is the shape of another value`
      if (inputs[i]!.read && !contents.holds(b)) return `input ${i} was overwritten`
    }
    const fields = this.#program.types[s.type] as { fields: readonly (readonly [string, Type])[] }
    const typeOf = (o: number): Type => fields.fields.find(([n]) => n === String(o))![1]
    const written: number[] = []
    for (const [o, b] of c.outputs.entries()) {
      if (b === null) {
        if (this.#apart || rank(typeOf(o)) === 0 || !c.leaving.includes(o)) return `output ${o} has no place`
        continue
      }
      const wrong = contents.fits(b, sizeOf(typeOf(o)), outputs[o]!.elem)
      if (wrong !== undefined) return `output ${o}: ${wrong}`
      for (const [i, from] of c.inputs.entries()) {
        if (from === null || !inputs[i]!.read || !contents.overlap(from, b)) continue
        if (!contents.same(from, b) || !cellByCell(kernel, o, i)) return `output ${o} is written over input ${i}`
      }
      written.push(b)
    }
    for (const [t, b] of c.scratch.entries()) {
      const { elem, length } = scratch[t]!
      const wrong = contents.fits(b, { bytes: bytesOf[elem] * length, of: [] }, elem)
      if (wrong !== undefined) return `scratch ${t}: ${wrong}`
      if (c.inputs.some((x, i) => x !== null && inputs[i]!.read && contents.overlap(x, b)))
        return `scratch ${t} lies on an input`
      written.push(b)
    }
    for (const [i, b] of written.entries())
      if (written.slice(0, i).some((x) => contents.overlap(x, b))) return 'outputs or scratch overlap'
    for (const [o, b] of c.outputs.entries()) if (b !== null) contents.write(b, `output ${k} ${o}`)
    for (const [t, b] of c.scratch.entries()) contents.write(b, `scratch ${k} ${t}`)
    this.#leaves.set(k, c.leaving)
    return undefined
  }
}

const rank = (t: Type): number => (t.kind === 'tensor' ? t.shape.length : 0)
const sizeOf = (t: Type): Size => {
  const { elem, shape } = t as Extract<Type, { kind: 'tensor' }>
  const known = shape.filter((d) => typeof d === 'number').reduce((n, d) => n * d, 1)
  return { bytes: bytesOf[storage(elem)!] * known, of: shape.filter((d) => typeof d === 'string').sort() }
}

/** Adds up what may stand on one another: known bytes, and slots by size. */
const boundProblem = (p: Program, m: MemoryPlan): Wrong => {
  type Need = { bytes: number; slots: ReadonlyMap<string, number> }
  const count = (slots: readonly Size[]): Map<string, number> => {
    const n = new Map<string, number>()
    for (const s of slots) n.set(JSON.stringify(s), (n.get(JSON.stringify(s)) ?? 0) + 1)
    return n
  }
  const most = (a: Need, b: Need): Need => ({
    bytes: Math.max(a.bytes, b.bytes),
    slots: new Map([...a.slots, ...[...b.slots].map(([s, n]) => [s, Math.max(n, a.slots.get(s) ?? 0)] as const)]),
  })
  const both = (a: Need, b: Need): Need => ({
    bytes: a.bytes + b.bytes,
    slots: new Map([...a.slots, ...[...b.slots].map(([s, n]) => [s, n + (a.slots.get(s) ?? 0)] as const)]),
  })
  const none: Need = { bytes: 0, slots: new Map() }
  const needs: Need[] = []
  const frames = Map.groupBy(m.frames, (f) => f.block)
  for (const [i, b] of p.blocks.entries()) {
    const own = (frames.get(i) ?? []).map((f) => ({ f, need: { bytes: f.bytes, slots: count(f.slots) } }))
    let need = own.reduce((n, x) => most(n, x.need), none)
    for (const [k, s] of b.steps.entries()) {
      const below = own.find(({ f }) => f.first <= k && k <= f.last)?.need ?? none
      for (const x of s.blocks) {
        if (needs[x] === undefined) return `block ${i} comes before block ${x}, which it uses`
        need = most(need, both(below, needs[x]))
      }
    }
    needs.push(need)
  }
  const said = count(m.bound.slots)
  const { bytes, slots } = needs[p.main] ?? none
  return bytes <= m.bound.bytes && [...slots].every(([s, n]) => n <= (said.get(s) ?? 0))
    ? undefined
    : 'needs more memory than its bound says'
}
