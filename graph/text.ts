import { createHash } from 'node:crypto'
import type { Either } from './either.ts'
import { left } from './either.ts'
import type { Problem } from './errors.ts'
import type { Graph } from './graph.ts'
import { numerics } from './graph.ts'
import type { Line, Listing } from './listing.ts'
import { buildListing, listGraph } from './listing.ts'
import { canonical } from './make.ts'
import type { Stage } from './ops/index.ts'
import { stages } from './ops/index.ts'
import type { Type } from './types.ts'
import { parseType, showType } from './types.ts'
import type { Json } from './values.ts'

/**
 * The text form, one node a line, for people, tests and digests:
 *
 *     graph "double" source numerics 1
 *     in "x": f64
 *     %0 = input {"name":"x","type":"f64"} : f64
 *     %1 = add %0 %0 : f64
 *     -> %1
 *
 * Bodies follow their node, indented, each opened by `| types of its parameters`. `parse(print(g))` equals `g`.
 */
export const print = (g: Graph): string => {
  const { listing } = listGraph(g.arena, g.root, g.sites)
  const head = [
    `graph ${JSON.stringify(g.name)} ${g.stage} numerics ${numerics}`,
    ...g.inputs.map(([n, t]) => `in ${JSON.stringify(n)}: ${showType(t)}`),
  ]
  return [...head, ...printRegion(listing, ''), ''].join('\n')
}
const printRegion = (l: Listing, indent: string): string[] => {
  const lines: string[] = []
  for (const [i, n] of l.nodes.entries()) {
    const attrs = canonical(n.attrs)
    const parts = [
      `%${i} = ${n.op}`,
      ...n.args.map((a) => `%${a}`),
      ...(attrs === '{}' ? [] : [attrs]),
      ':',
      showType(n.type),
    ]
    lines.push(indent + parts.join(' '))
    for (const r of n.regions)
      lines.push(`${indent}  | ${r.params.map(showType).join(' ; ')}`.trimEnd(), ...printRegion(r, `${indent}    `))
  }
  lines.push(`${indent}-> %${l.root}`)
  return lines
}

/** sha256 over everything that is part of a graph's identity: inputs, nodes, stage and version of numbers; no names. */
export const digest = (g: Graph): string =>
  createHash('sha256')
    .update(print({ ...g, name: '' }))
    .digest('hex')

/** Reads the text form; the left lists what is wrong, with line numbers. */
export const parse = (text: string): Either<readonly Problem[], Graph> => {
  const rows = text
    .split('\n')
    .map((s, i) => ({ s, line: i + 1 }))
    .filter(({ s }) => s.trim() !== '' && !s.trim().startsWith('#'))
  const reader = new Reader(rows)
  try {
    return reader.graph()
  } catch (e) {
    if (e instanceof Misread)
      return left([
        { node: '', place: `line ${e.line}`, cause: e.message, remedy: 'correct the line; see docs/graph-text.md' },
      ])
    throw e
  }
}

class Misread extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}
class Reader {
  readonly #rows: readonly { s: string; line: number }[]
  #at = 0
  constructor(rows: readonly { s: string; line: number }[]) {
    this.#rows = rows
  }
  #fail(message: string): never {
    throw new Misread(message, this.#rows[Math.min(this.#at, this.#rows.length - 1)]?.line ?? 1)
  }
  #type(text: string): Type {
    const t = parseType(text)
    return typeof t === 'string' ? this.#fail(t) : t
  }
  #json(text: string): Json {
    try {
      return JSON.parse(text) as Json
    } catch {
      return this.#fail(`${text.slice(0, 60)} is not JSON`)
    }
  }
  graph(): Either<readonly Problem[], Graph> {
    const head = /^graph ("(?:[^"\\]|\\.)*") (\w+) numerics (\d+)\s*$/.exec(this.#rows[0]?.s ?? '')
    const stage = head?.[2] as Stage
    if (head === null || !stages.includes(stage))
      this.#fail(`expected 'graph "name" stage numerics ${numerics}', the stage one of ${stages.join(', ')}`)
    if (Number(head[3]) !== numerics) this.#fail(`is written for numerics ${head[3]}; this is numerics ${numerics}`)
    this.#at++
    const inputs: [string, Type][] = []
    for (;;) {
      const m = /^in ("(?:[^"\\]|\\.)*"): (.*)$/.exec(this.#rows[this.#at]?.s ?? '')
      if (m === null) break
      inputs.push([this.#json(m[1]!) as string, this.#type(m[2]!)])
      this.#at++
    }
    const listing = this.#region('', [], 0)
    if (this.#at < this.#rows.length) this.#fail('expected the end of the graph')
    return buildListing({ name: this.#json(head[1]!) as string, stage, inputs, sites: new Map() }, listing)
  }
  #region(indent: string, params: readonly Type[], depth: number): Listing {
    if (depth > 200) this.#fail('bodies are nested more than 200 deep')
    const nodes: Line[] = []
    for (; this.#at < this.#rows.length; ) {
      const { s } = this.#rows[this.#at]!
      if (!s.startsWith(indent)) this.#fail('expected more of the body above')
      const row = s.slice(indent.length)
      const end = /^-> %(\d+)\s*$/.exec(row)
      if (end !== null) {
        this.#at++
        return { params, nodes, root: Number(end[1]) }
      }
      const m = /^%(\d+) = (\w+)((?: %\d+)*)(?: (\{.*\}))? : (.*)$/.exec(row)
      if (m === null || Number(m[1]) !== nodes.length)
        this.#fail(`expected '%${nodes.length} = op operands {attributes} : type'`)
      const type = this.#type(m[5]!)
      const attrs = m[4] === undefined ? {} : this.#json(m[4])
      this.#at++
      const regions: Listing[] = []
      for (;;) {
        const row = this.#rows[this.#at]?.s ?? ''
        const b = row.startsWith(indent) ? /^ {2}\|(.*)$/.exec(row.slice(indent.length)) : null
        if (b === null) break
        const given = b[1]!.trim() === '' ? [] : b[1]!.split(' ; ').map((t) => this.#type(t.trim()))
        this.#at++
        regions.push(this.#region(`${indent}    `, given, depth + 1))
      }
      nodes.push({ op: m[2]!, attrs, args: (m[3]!.match(/\d+/g) ?? []).map(Number), regions, type })
    }
    return this.#fail("expected '-> %n', the result of the body")
  }
}
