import type { Answer } from '../graph/effects.ts'
import { isLeft } from '../graph/either.ts'
import type { Value } from '../graph/values.ts'

/**
 * A value that may come later, or never: it is stopped when something that it needs failed. Who waits for it is called
 * from a queue, so that long chains cost no stack.
 */
export interface Cell {
  state: 'waiting' | 'settled' | 'stopped'
  value: Value
  waiting: (() => void)[]
}

/** Cells and the queue of those who can go on. */
export class Cells {
  readonly #queue: (() => void)[] = []

  source(): Cell {
    return { state: 'waiting', value: null, waiting: [] }
  }
  value(v: Value): Cell {
    return { state: 'settled', value: v, waiting: none }
  }
  settle(cell: Cell, answer: Answer): Cell {
    if (cell.state !== 'waiting') return cell
    cell.state = isLeft(answer) ? 'stopped' : 'settled'
    if (!isLeft(answer)) cell.value = answer.right
    for (const act of cell.waiting) this.#queue.push(act)
    cell.waiting = none
    return cell
  }
  /** What `f` makes of the values, once all are there. */
  lift(cells: readonly Cell[], f: (values: readonly Value[]) => Answer): Cell {
    // Mostly everything is there, and then nobody has to be told.
    if (cells.every(isSettled)) {
      const a = f(cells.map(heldBy))
      return isLeft(a) ? { state: 'stopped', value: null, waiting: none } : this.value(a.right)
    }
    const out = this.source()
    let missing = 1
    const arrived = (): void => {
      if (--missing > 0 || out.state !== 'waiting') return
      this.settle(out, cells.some((c) => c.state === 'stopped') ? stopped : f(cells.map((c) => c.value)))
    }
    for (const c of cells) {
      if (c.state !== 'waiting') continue
      missing++
      c.waiting.push(arrived)
    }
    arrived()
    return out
  }
  /** The cell that `f` leads to, once the value is there. */
  follow(cell: Cell, f: (v: Value) => Cell): Cell {
    if (cell.state === 'settled') return f(cell.value)
    const out = this.source()
    this.#when(cell, () => {
      if (cell.state === 'stopped') return void this.settle(out, stopped)
      const next = f(cell.value)
      this.#when(next, () =>
        this.settle(out, next.state === 'stopped' ? stopped : { _tag: 'Right', right: next.value }),
      )
    })
    return out
  }
  /** Runs everything that can go on. */
  drain(): void {
    for (let i = 0; i < this.#queue.length; i++) this.#queue[i]!()
    this.#queue.length = 0
  }
  #when(cell: Cell, act: () => void): void {
    if (cell.state === 'waiting') cell.waiting.push(act)
    else act()
  }
}
const none: (() => void)[] = []
export const isSettled = (c: Cell): boolean => c.state === 'settled'
export const heldBy = (c: Cell): Value => c.value
/** Why it stopped is nobody's business: whoever runs the body will see for himself. */
const stopped: Answer = { _tag: 'Left', left: { _tag: 'Bug', node: '', place: '', cause: '', remedy: '' } as never }
