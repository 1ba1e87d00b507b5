/**
 * The same protocol once more, in TypeScript: what a specification's text says, as functions. Checkers are held to have
 * the same states and steps, so tests that walk over this graph walk over the specification's.
 */
export type State = Readonly<Record<string, unknown>>
export interface Move<S> {
  readonly action: string
  readonly args: readonly number[]
  readonly to: S
}
export interface Machine<S> {
  readonly init: readonly S[]
  readonly next: (s: S) => readonly Move<S>[]
}
export type Constants = Readonly<Record<string, number | boolean | string | readonly number[]>>

export interface Edge {
  readonly from: number
  readonly action: string
  readonly args: readonly number[]
  readonly to: number
}
export interface StateGraph<S> {
  readonly states: readonly S[]
  readonly init: readonly number[]
  readonly edges: readonly Edge[]
  /** The edges out of each state, by their places. */
  readonly out: readonly (readonly number[])[]
}

/** One text for one state, whatever the order of its variables. */
export const keyOf = (s: object): string => JSON.stringify(Object.entries(s).sort(([a], [b]) => (a < b ? -1 : 1)))

export const explored = <S extends object>(m: Machine<S>, most = 100_000): StateGraph<S> => {
  const at = new Map<string, number>()
  const states: S[] = []
  const place = (s: S): number => {
    const key = keyOf(s)
    const known = at.get(key)
    if (known !== undefined) return known
    if (states.length >= most) throw new Error(`more than ${most} states`)
    at.set(key, states.length)
    return states.push(s) - 1
  }
  const init = m.init.map(place)
  const edges: Edge[] = []
  const out: number[][] = []
  for (let from = 0; from < states.length; from++) {
    out[from] = []
    for (const { action, args, to } of m.next(states[from]!))
      out[from]!.push(edges.push({ from, action, args, to: place(to) }) - 1)
  }
  return { states, init, edges, out }
}

/** The states that are left where some edges are not taken. */
export const reached = <S>(g: StateGraph<S>, taken: (e: Edge) => boolean): readonly S[] => {
  const seen = new Set(g.init)
  for (const s of seen) for (const e of g.out[s]!) if (taken(g.edges[e]!)) seen.add(g.edges[e]!.to)
  return [...seen].map((s) => g.states[s]!)
}

/** Walks from initial states that take every edge at least once; none is much longer than `long`. */
export const edgeCover = <S>(g: StateGraph<S>, long = 60): readonly (readonly Edge[])[] => {
  const towards = new Map<number, Edge | undefined>(g.init.map((s) => [s, undefined]))
  for (const s of towards.keys())
    for (const e of g.out[s]!) if (!towards.has(g.edges[e]!.to)) towards.set(g.edges[e]!.to, g.edges[e]!)
  const there = (s: number): Edge[] => {
    const path: Edge[] = []
    for (let e = towards.get(s); e !== undefined; e = towards.get(e.from)) path.unshift(e)
    return path
  }
  const left = new Set(g.edges.keys())
  const walks: Edge[][] = []
  for (const first of left) {
    const walk = [...there(g.edges[first]!.from), g.edges[first]!]
    left.delete(first)
    for (let at = g.edges[first]!.to; walk.length < long; ) {
      const e = g.out[at]!.find((o) => left.has(o))
      if (e === undefined) break
      left.delete(e)
      walk.push(g.edges[e]!)
      at = g.edges[e]!.to
    }
    walks.push(walk)
  }
  return walks
}
