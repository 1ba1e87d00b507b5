import type { NodeId, Region } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import { checkGraph } from '../../graph/check.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonicalise } from '../../graph/listing.ts'
import { mustMake } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'

/** A small graph written node by node, types as text; `occurrence` is for ops that need one. */
export class Draft {
  readonly arena = new Arena()
  readonly #inputs: [string, Type][] = []
  #occurrences = 0
  type(text: string): Type {
    const t = parseType(text)
    if (typeof t === 'string') throw new Error(t)
    return t
  }
  occurrence(): { readonly occurrence: number } {
    return { occurrence: this.#occurrences++ }
  }
  in(text: string): NodeId {
    const [name, type] = [`i${this.#inputs.length}`, this.type(text)]
    this.#inputs.push([name, type])
    return mustMake(this.arena, 'input', { name, type })
  }
  literal(text: string, value: Json): NodeId {
    return mustMake(this.arena, 'const', { type: this.type(text), value })
  }
  add<N extends OpName>(
    name: N,
    attrs: AttrsOf<N>,
    args: readonly NodeId[] = [],
    bodies: readonly Region[] = [],
  ): NodeId {
    return mustMake(this.arena, name, attrs, args, bodies)
  }
  body(params: readonly string[], write: (...ps: NodeId[]) => NodeId): Region {
    const types = params.map((p) => this.type(p))
    return { params: types, root: write(...types.map((type, index) => mustMake(this.arena, 'param', { index, type }))) }
  }
  record(...parts: readonly NodeId[]): NodeId {
    return mustMake(this.arena, 'record', { fields: parts.map((_, i) => `r${i}`) }, parts)
  }
  graph(root: NodeId): Graph<'source'> {
    const g = canonicalise<'source'>({
      name: 'law',
      stage: 'source',
      arena: this.arena,
      inputs: this.#inputs,
      root,
      sites: new Map(),
    })
    const [wrong] = checkGraph(g)
    if (wrong !== undefined) throw new Error(`${wrong.node}: ${wrong.cause}`)
    return g
  }
}
