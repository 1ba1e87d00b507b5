// Requirements: E3 E4

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonicalise } from '../../graph/listing.ts'
import { parse, print } from '../../graph/text.ts'
import { postorder } from '../../graph/walk.ts'
import { pipeline, runPass } from '../../passes/index.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'

/**
 * Texts in, texts out. A file holds: comment lines that begin with `#`; `passes: …` (names, or `all`); `count: op n, …`,
 * written by hand, which says what must be left whatever the names; the graph; and below `=== notes` and `=== after` what
 * the passes say and make, which `QUOIN_BLESS=1 npx vitest run test/passes/corpus` writes anew.
 */
const folder = new URL('../corpus/passes/', import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((f) => f.replaceAll('\\', '/'))
  .filter((f) => f.endsWith('.txt'))
  .sort()

interface Case {
  readonly head: string
  readonly passes: readonly string[]
  readonly counts: readonly (readonly [string, number])[]
  readonly before: Graph
  readonly rest: string
}
const read = (text: string): Case => {
  const at = text.indexOf('\n=== notes\n')
  const head = at < 0 ? text : text.slice(0, at + 1)
  const line = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? ''
  const g = parse(head.slice(head.indexOf('graph "')))
  if (isLeft(g)) throw new Error(`${g.left[0]!.place}: ${g.left[0]!.node} ${g.left[0]!.cause}`)
  const counts = line('count')
    .split(', ')
    .filter((c) => c !== '')
    .map((c) => [c.split(' ')[0]!, Number(c.split(' ')[1])] as const)
  return { head, passes: line('passes').split(', '), counts, before: g.right, rest: at < 0 ? '' : text.slice(at + 1) }
}
/** Nodes by op, in bodies too; `kernel.x` counts what is inside kernels, and kernels themselves count as `kernel`. */
const countOps = (g: Graph): Map<string, number> => {
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  const enter = (root: number, prefix: string): void => {
    if (seen.has(`${root} ${prefix}`)) return
    seen.add(`${root} ${prefix}`)
    for (const id of postorder(g.arena, root)) {
      const { name } = g.arena.opOf(id)
      counts.set(prefix + name, (counts.get(prefix + name) ?? 0) + 1)
      for (const b of g.arena.regionsOf(id)) enter(b.root, name === 'kernel' ? 'kernel.' : prefix)
    }
  }
  enter(g.root, '')
  return counts
}

test('there are many', () => expect(files.length).toBeGreaterThanOrEqual(150))

describe.each(files)('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const it = read(text)
  const notes: string[] = []
  let after: Graph = it.before
  let refused: string | undefined
  for (const pass of pipeline.filter((p) => it.passes.includes('all') || it.passes.includes(p.name))) {
    const done = runPass(pass, { ...after, stage: pass.from })
    if (isLeft(done)) {
      refused = `${pass.name}: ${done.left.cause}`
      break
    }
    after = done.right.graph
    notes.push(...done.right.step.notes.map((n) => `${pass.name}: ${n.text}`))
  }
  const rest = ['=== notes', ...notes, '=== after', print(canonicalise(after))].join('\n')

  test('is accepted after each pass', () => expect(refused).toBeUndefined())
  test('has the structure it should', () => {
    const counts = countOps(after)
    expect(it.counts.length).toBeGreaterThan(0)
    for (const [op, n] of it.counts) expect(counts.get(op) ?? 0, op).toBe(n)
  })
  test('says why it is here, and its text is the graph', () => {
    expect(it.head).toMatch(/^# [^\n]{20,}\n/)
    expect(print(it.before).trim()).toBe(it.head.slice(it.head.indexOf('graph "')).trim())
    const again = parse(print(after))
    expect(isLeft(again) ? again.left : print(again.right)).toBe(print(after))
  })
  test('is what was blessed', () => {
    if (process.env.QUOIN_BLESS === '1') writeFileSync(new URL(file, folder), `${it.head.trimEnd()}\n\n${rest}`)
    else expect(rest).toBe(it.rest)
  })
  test('means the same', () => {
    for (let seed = 0; seed < 20; seed++) {
      const next = stream(seed)
      const sizes = new Map<string, number>()
      const inputs = Object.fromEntries(it.before.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
      const world = { seed, faults: seed % 3 === 0 ? 3 : 0 }
      expect(difference(runIn(it.before, inputs, world), runIn(after, inputs, world))).toBeUndefined()
    }
  })
})
