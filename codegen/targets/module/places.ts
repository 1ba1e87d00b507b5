import type { FramePlan, MemoryPlan } from '../../../runtime/kernels.ts'
import type { Step } from '../../program/types.ts'

type Numbered = FramePlan & { readonly index: number }

/** What the memory plan adds to the text of blocks: where frames begin and end, and which calls use them. */
export class Places {
  readonly #plan: MemoryPlan | undefined
  readonly #calls: ReadonlyMap<string, number>
  readonly #framesOf: ReadonlyMap<number, readonly Numbered[]>
  #block = 0
  constructor(plan: MemoryPlan | undefined) {
    this.#plan = plan
    this.#framesOf = Map.groupBy(
      (plan?.frames ?? []).map((f, index) => ({ ...f, index })),
      (f) => f.block,
    )
    this.#calls = new Map((plan?.calls ?? []).map((c, i) => [`${plan!.frames[c.frame]!.block} ${c.step}`, i]))
  }
  enter(block: number): void {
    this.#block = block
  }
  get #frames(): readonly Numbered[] {
    return this.#framesOf.get(this.#block) ?? []
  }

  /** Whether the block has frames. */
  get any(): boolean {
    return this.#frames.length > 0
  }

  call(s: Step, k: number, args: readonly string[]): string {
    const at = this.#calls.get(`${this.#block} ${k}`)
    if (at === undefined) return `q.kernel(${s.kernel}, [${args.join(', ')}])`
    const { inputs, brought } = this.#plan!.calls[at]!
    const given = args.map((a, i) => (inputs[i] === null || brought.includes(i) ? a : 'null'))
    return `q.call(f, ${at}, ${s.kernel}, [${given.join(', ')}])`
  }
  around(k: number, text: string): string {
    const begins = this.#frames.find((f) => f.first === k)
    const ends = this.#frames.some((f) => f.last === k)
    return [
      ...(begins === undefined ? [] : [`f = q.enter(${begins.index})`]),
      text,
      ...(ends ? ['f = q.leave(f)'] : []),
    ].join('\n')
  }
  /** A step that is a function of its own has its frame to itself. */
  alone(k: number, text: string): string {
    const own = this.#frames.find((f) => f.first === k)
    return own === undefined
      ? text
      : [`const f = q.enter(${own.index})`, 'try {', `  ${text}`, '} finally {', '  q.leave(f)', '}'].join('\n')
  }
  /** However a block ends, its frame ends with it. */
  inside(lines: readonly string[]): readonly string[] {
    if (this.#frames.length === 0) return lines
    const within = lines.map((l) => `  ${l.replaceAll('\n', '\n  ')}`)
    return ['let f: Frame | undefined', 'try {', ...within, '} finally {', '  q.leave(f)', '}']
  }
}
