// Requirements: E4

import { expect, test } from 'vitest'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { print } from '../../graph/text.ts'
import type { Type } from '../../graph/types.ts'
import { freeDims } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { tabulate } from '../../graph/values.ts'
import { rebuild, withParts } from '../../graph/walk.ts'
import { Settler } from '../../passes/simplify/settle.ts'
import { obligations } from '../../verify/proofs/obligations.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import type { Choose, Space } from './draw.ts'
import { drawLeft } from './draw.ts'

/**
 * Where cells only move, a law is an equality of index maps: every result cell comes from the same cell of the same
 * variable on both sides. All cells are given labels of their own, and both sides are computed, for every small shape and
 * all attributes that the space below has. What an op does to cells does not matter for where they come from, so one op
 * that tells all labels apart stands for all. Reductions have to combine the same cells in the same order.
 */
const deep = process.env.QUOIN_DEEP === '1'
const space: Space = {
  shapes: deep ? [[], [2], [2, 3], ['n'], ['n', 2], [0], [2, 3, 2]] : [[], [2, 3], ['n']],
  elems: ['f64'],
  works: { float: [['neg'], ['sub']], int: [['neg'], ['sub']] },
}

/** Every way that a drawing can go, one after another: choices count like the digits of a number. */
const everyWay = (go: (next: Choose) => void): void => {
  const digits: { at: number; below: number }[] = []
  for (;;) {
    let place = 0
    go((below, chance) => {
      const d = digits[place] ?? { at: 0, below: chance === true ? 2 : below }
      digits[place++] = d
      return d.at
    })
    digits.length = place
    while (digits.length > 0 && digits.at(-1)!.at + 1 === digits.at(-1)!.below) digits.pop()
    if (digits.length === 0) return
    digits.at(-1)!.at++
  }
}

/** Numbers whose sums differ in their last bits from order to order. */
const mark = (i: number): number => 1 + i + 1 / (i + 3)
/** Labels of all cells: numbers, different for each variable; of truth values one bit of the label. */
const labelled = (g: Graph, sizes: ReadonlyMap<string, number>, index: number, bit: number): Inputs =>
  Object.fromEntries(
    g.inputs.map(([name, type], k): [string, Value] => {
      if (type.kind !== 'tensor') throw new Error(`bug: ${name} is no tensor`)
      const shape = type.shape.map((d) => (typeof d === 'number' ? d : sizes.get(d)!))
      let i = 0
      const label = (): number => i++
      const cell = () =>
        type.elem === 'bool' ? ((label() >> bit) & 1) === 1 : type.elem === 'i32' ? index : mark(label()) * 100 ** k
      return [name, shape.length === 0 ? (cell() as Value) : tabulate(type.elem, shape, cell as never)]
    }),
  )
const has = (g: Graph, what: (t: Type) => boolean): boolean => g.inputs.some(([, t]) => what(t))
const elemIs = (elem: string) => (t: Type) => t.kind === 'tensor' && t.elem === elem

test.each(obligations.filter((o) => o.by === 'cells'))('$id moves the same cells', ({ law }) => {
  let fired = 0
  const seen = new Set<string>()
  everyWay((next) => {
    const g = drawLeft(law, {}, next, space)
    const text = g === undefined ? '' : print(g)
    if (g === undefined || seen.has(text)) return
    seen.add(text)
    const settler = new Settler(g.arena, g.root, [law], [], 1)
    const root = rebuild(g.arena, g.root, (n, args, bodies) => settler.settle(withParts(g.arena, n, args, bodies)))
    if (settler.steps.length === 0) return
    fired++
    const names = new Set(g.inputs.flatMap(([, t]) => freeDims(t)))
    for (const n of names.size === 0 ? [0] : [0, 1, 3])
      for (const index of has(g, elemIs('i32')) ? [-1, 0, 1, 2, 7] : [0])
        for (const bit of has(g, elemIs('bool')) ? [0, 1, 2] : [0]) {
          const inputs = labelled(g, new Map([...names].map((d, k) => [d, n + k])), index, bit)
          const differs = difference(
            runIn(g, inputs, { seed: 1, faults: 0 }),
            runIn({ ...g, root }, inputs, { seed: 1, faults: 0 }),
          )
          if (differs !== undefined)
            expect.fail(`${differs} (n ${n}, i ${index})\n${print(g)}\n${print({ ...g, root })}`)
        }
  })
  expect(fired).toBeGreaterThan(0)
})
