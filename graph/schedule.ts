import type { Footprint, Resource } from './effects.ts'
import { conflict } from './effects.ts'

/**
 * Works out, step by step in program order, which earlier steps a step must wait for beside its operands. The steps keep
 * program order, so this is a function of the graph alone; forgetting it leaves the program as it was.
 *
 * - What writes waits for everything before it: for what it conflicts with, and for what may still fail.
 * - What reads waits for the last write to what it reads, and the clock for every write. It may start before an earlier
 *   step has failed or succeeded: reads change nothing, and the first error in program order is the answer all the same.
 * - What only computes waits for its operands.
 */
export class Schedule {
  #placed = 0
  #lastWrite = -1
  /** Steps that can fail or touch the world and that no other such step takes or waits for: a write waits for these. */
  readonly #open = new Set<number>()
  /** For each step, the last write it waits for, through whatever steps. */
  readonly #since: number[] = []
  /** The last write to each thing, by kind: log lines are many, and nobody reads them. */
  readonly #written = new Map<string, Map<string, { readonly what: Resource; readonly at: number }>>()

  /** Places the next step, and gives what it waits for beside its operands: ascending, and nothing that follows. */
  place(operands: readonly number[], footprint: Footprint, fails: boolean): readonly number[] {
    const at = this.#placed++
    const given = new Set(operands)
    const isWrite = footprint.writes.length > 0
    const known = operands.reduce((w, i) => Math.max(w, this.#since[i]!), -1)
    const needed = isWrite ? [...this.#open] : this.#writesBefore(footprint).filter((w) => w > known)
    const after = needed.filter((i) => !given.has(i)).sort((a, b) => a - b)
    if (fails || isWrite || footprint.reads.length > 0) {
      for (const i of isWrite ? [...this.#open] : [...given, ...after]) this.#open.delete(i)
      this.#open.add(at)
    }
    this.#since.push(isWrite ? at : after.reduce((w, i) => Math.max(w, this.#since[i]!), known))
    if (isWrite) {
      this.#lastWrite = at
      for (const what of footprint.writes) {
        const ofKind =
          this.#written.get(what.kind) ?? new Map<string, { readonly what: Resource; readonly at: number }>()
        this.#written.set(what.kind, ofKind.set(JSON.stringify([what.of, what.name]), { what, at }))
      }
    }
    return after
  }

  /** The last write that a reader must wait for. Writes follow one another, so the last one stands for all. */
  #writesBefore(f: Footprint): readonly number[] {
    if (f.reads.length === 0) return []
    let last = f.reads.some((r) => r.kind === 'clock') ? this.#lastWrite : -1
    for (const r of f.reads) {
      for (const { what, at } of this.#written.get(r.kind)?.values() ?? [])
        if (at > last && conflict({ reads: [r], writes: [] }, { reads: [], writes: [what] })) last = at
    }
    return last < 0 ? [] : [last]
  }
}
