import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { ops } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'
import { pipeline } from '../../passes/index.ts'

interface Cell {
  /** Cases in which a pass was given such a node, and in which one went or came. */
  given: number
  changed: number
}

/** Which kinds of nodes the passes met, and which they changed: rows and columns are the registries. */
export class Coverage {
  readonly #cells = new Map<string, Cell>()

  note(pass: string, before: Graph, after: Graph): void {
    const [old, fresh] = [nodesOf(before), before.root === after.root ? undefined : nodesOf(after)]
    const given = new Set<string>()
    const changed = new Set<string>()
    for (const id of old) {
      const { name } = before.arena.opOf(id)
      given.add(name)
      if (fresh?.has(id) === false) changed.add(name)
    }
    for (const id of fresh ?? []) if (!old.has(id)) changed.add(after.arena.opOf(id).name)
    for (const name of new Set([...given, ...changed])) {
      const cell = this.cell(name, pass)
      cell.given += given.has(name) ? 1 : 0
      cell.changed += changed.has(name) ? 1 : 0
    }
  }
  cell(op: string, pass: string): Cell {
    const key = `${op} ${pass}`
    const cell = this.#cells.get(key) ?? { given: 0, changed: 0 }
    this.#cells.set(key, cell)
    return cell
  }
  /** Kinds of nodes that no pass was ever given. */
  unmet(): readonly OpName[] {
    return opNames.filter((op) => pipeline.every((p) => this.cell(op, p.name).given === 0))
  }
  /** Cases with such a node, and those of them in which the pass made or took away one, for every kind and pass. */
  table(): string {
    const width = Math.max(...opNames.map((n) => n.length))
    const line = (name: string, cells: readonly string[]): string =>
      `${name.padEnd(width)} ${cells.map((c) => c.padStart(13)).join('')}`
    const rows = opNames.map((op) =>
      line(
        op,
        pipeline.map((p) => {
          const { given, changed } = this.cell(op, p.name)
          return `${changed}/${given}`
        }),
      ),
    )
    const met = pipeline.map(
      (p) => `${opNames.filter((op) => this.cell(op, p.name).changed > 0).length}/${opNames.length}`,
    )
    const head = line(
      'changed/met',
      pipeline.map((p) => p.name),
    )
    return [head, ...rows, line('kinds changed', met)].join('\n')
  }
}
const opNames = Object.keys(ops) as readonly OpName[]

const nodesOf = ({ arena, root }: Graph): ReadonlySet<NodeId> => {
  const seen = new Set<NodeId>()
  const regions = [root]
  const entered = new Set(regions)
  for (let r = regions.pop(); r !== undefined; r = regions.pop()) {
    for (const id of postorder(arena, r)) {
      seen.add(id)
      for (const body of arena.regionsOf(id)) {
        if (!entered.has(body.root)) regions.push(body.root)
        entered.add(body.root)
      }
    }
  }
  return seen
}
