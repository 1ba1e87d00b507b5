import type { Made } from '../../runtime/kernels/plan.ts'
import type { BufferPlan, CallPlan, FramePlan, MemoryPlan } from '../../runtime/kernels.ts'

/** A way to spoil a plan: every plan it can make of this one that must be refused. */
export interface Mutant {
  readonly name: string
  readonly of: (m: MemoryPlan) => readonly MemoryPlan[]
}

const frameWith = (m: MemoryPlan, i: number, change: Partial<FramePlan>): MemoryPlan => ({
  ...m,
  frames: m.frames.map((f, k) => (k === i ? { ...f, ...change } : f)),
})
const bufferWith = (m: MemoryPlan, i: number, b: number, change: Partial<BufferPlan>): MemoryPlan =>
  frameWith(m, i, { buffers: m.frames[i]!.buffers.map((x, k) => (k === b ? { ...x, ...change } : x)) })
const callWith = (m: MemoryPlan, i: number, change: Partial<CallPlan>): MemoryPlan => ({
  ...m,
  calls: m.calls.map((c, k) => (k === i ? { ...c, ...change } : c)),
})
const known = (b: BufferPlan): boolean => b.size.of.length === 0 && b.size.bytes > 0
/** A change for every buffer of known size. */
const buffers = (change: (b: BufferPlan, f: FramePlan) => Partial<BufferPlan>) => (m: MemoryPlan) =>
  m.frames.flatMap((f, i) => f.buffers.flatMap((b, k) => (known(b) ? [bufferWith(m, i, k, change(b, f))] : [])))

export const mutants: readonly Mutant[] = [
  {
    name: 'two outputs of one kernel, or an output and scratch, share bytes',
    of: (m) =>
      m.calls.flatMap((c) => {
        const mine = [...c.outputs, ...c.scratch].filter((b) => b !== null)
        const { buffers: all } = m.frames[c.frame]!
        return mine
          .slice(1)
          .flatMap((b) =>
            known(all[b]!) && known(all[mine[0]!]!) ? [bufferWith(m, c.frame, b, { at: all[mine[0]!]!.at })] : [],
          )
      }),
  },
  {
    name: 'given up too early: scratch lies on a value that this very kernel reads',
    of: (m) =>
      m.calls.flatMap((c) => {
        const { buffers: all } = m.frames[c.frame]!
        const from = c.inputs.find((b) => b !== null && known(all[b]!))
        return from == null ? [] : c.scratch.map((s) => bufferWith(m, c.frame, s, { at: all[from]!.at }))
      }),
  },
  {
    name: 'given up too early: an output lies on a value that a later kernel reads',
    of: (m) =>
      m.calls.flatMap((c, i) => {
        const { buffers: all } = m.frames[c.frame]!
        const here = new Set(c.inputs)
        const later = m.calls
          .slice(i + 1)
          .filter((x) => x.frame === c.frame)
          .flatMap((x) => x.inputs.filter((b) => b !== null && !x.brought.some((k) => x.inputs[k] === b)))
        const before = new Set(m.calls.slice(0, i).flatMap((x) => (x.frame === c.frame ? [...x.outputs] : [])))
        const victim = later.find((b) => b !== null && before.has(b) && !here.has(b) && known(all[b]!))
        const out = c.outputs.find((b) => b !== null && known(all[b]!))
        return victim == null || out == null ? [] : [bufferWith(m, c.frame, out, { at: all[victim]!.at })]
      }),
  },
  { name: 'an offset past the end', of: buffers((_, f) => ({ at: Math.ceil((f.bytes + 8) / 8) * 8 })) },
  { name: 'an offset below the beginning', of: buffers(() => ({ at: -8 })) },
  { name: 'an offset across cells', of: buffers((b) => ({ at: b.at + 4 })) },
  { name: 'a wrong size', of: buffers((b) => ({ size: { ...b.size, bytes: b.size.bytes - 1 } })) },
  { name: 'another element', of: buffers((b) => ({ elem: b.elem === 'u32' ? 'i32' : 'u32' })) },
  {
    name: 'a frame that is too small',
    of: (m) => m.frames.flatMap((f, i) => (f.bytes > 0 ? [frameWith(m, i, { bytes: f.bytes - 8 })] : [])),
  },
  {
    name: 'a bound below what the frames take',
    of: (m) => [
      ...(m.bound.bytes > 0 ? [{ ...m, bound: { ...m.bound, bytes: m.bound.bytes - 8 } }] : []),
      ...m.bound.slots.map((_, k) => ({ ...m, bound: { ...m.bound, slots: m.bound.slots.filter((_, i) => i !== k) } })),
    ],
  },
  {
    name: 'an input that nobody brought',
    of: (m) =>
      m.calls.flatMap((c, i) => (c.brought.length > 0 ? [callWith(m, i, { brought: c.brought.slice(1) })] : [])),
  },
  {
    name: 'a value that leaves and is not taken along',
    of: (m) =>
      m.calls.flatMap((c, i) => (c.leaving.length > 0 ? [callWith(m, i, { leaving: c.leaving.slice(1) })] : [])),
  },
  {
    name: 'the input of another kernel',
    of: (m) =>
      m.calls.flatMap((c, i) =>
        c.inputs.flatMap((b, k) => {
          const other = m.frames[c.frame]!.buffers.findIndex((_, x) => b !== null && x !== b && !c.inputs.includes(x))
          return b === null || other < 0 || c.brought.includes(k)
            ? []
            : [callWith(m, i, { inputs: c.inputs.map((x, y) => (y === k ? other : x)) })]
        }),
      ),
  },
  {
    name: 'a call that is missing',
    of: (m) => m.calls.map((_, i) => ({ ...m, calls: m.calls.filter((_, k) => k !== i) })),
  },
  { name: 'a call twice', of: (m) => m.calls.map((c) => ({ ...m, calls: [...m.calls, c] })) },
  {
    name: 'a frame that begins late, ends early or goes on',
    of: (m) =>
      m.frames.flatMap((f, i) => [
        frameWith(m, i, { first: f.first + 1 }),
        frameWith(m, i, { last: 1e6 }),
        ...(f.last > f.first ? [frameWith(m, i, { last: f.last - 1 })] : []),
      ]),
  },
  {
    name: 'a slot of another size',
    of: (m) =>
      m.frames.flatMap((f, i) =>
        f.slots.map((_, k) =>
          frameWith(m, i, { slots: f.slots.map((s, x) => (x === k ? { ...s, bytes: s.bytes / 2 } : s)) }),
        ),
      ),
  },
  {
    name: 'a program of calls with one too few, in another order, on other operands, with another result',
    of: (m) => {
      const { direct: d } = m
      if (d === undefined) return []
      const { steps } = d
      const other = (x: Made): readonly Made[] =>
        'fields' in x
          ? [
              { fields: x.fields.slice(1) },
              ...(x.fields.length > 1 && x.fields[0]![1] !== x.fields[1]![1]
                ? [{ fields: [[x.fields[0]![0], x.fields[1]![1]], ...x.fields.slice(1)] } as const]
                : []),
            ].filter((y) => JSON.stringify(y) !== JSON.stringify(x))
          : [[x[0], x[1] + 1]]
      return [
        { ...d, steps: steps.slice(1) },
        ...(steps.length > 1 ? [{ ...d, steps: steps.toReversed() }] : []),
        ...steps.flatMap((s, i) =>
          s.inputs.map((x, k) => ({
            ...d,
            steps: steps.map((y, j) =>
              j === i
                ? {
                    ...y,
                    inputs: y.inputs.map((z, n) =>
                      n === k ? (typeof x === 'string' ? `${x}$` : x[0] > 0 ? ([x[0] - 1, x[1]] as const) : 'i') : z,
                    ),
                  }
                : y,
            ),
          })),
        ),
        ...other(d.result).map((result) => ({ ...d, result })),
      ].map((direct) => ({ ...m, direct }))
    },
  },
]
