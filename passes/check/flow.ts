/** What goes from a step to those that need it: the costs of the two ways across. */
interface Flowing {
  readonly tail: number
  readonly heads: readonly number[]
  readonly cost: readonly [there: number, back: number]
}

/**
 * Weak duality, checked: whatever flows from source to sink within the capacities is no more than any cut, and a cut is
 * what a placement costs. So a flow as large as the cost of a placement shows that none costs less. The network is
 * described beside `passes/place/cut.ts`; here it is made from the costs again, edge by edge in the same order.
 */
export const flowProblem = (
  work: readonly (readonly [number, number])[],
  flowing: readonly Flowing[],
  flow: readonly number[],
  cost: number,
): string | undefined => {
  const [source, sink] = [0, 1]
  const into: number[] = new Array<number>(2 + work.length + 2 * flowing.length).fill(0)
  let edges = 0
  let over: number | undefined
  const edge = (from: number, to: number, capacity: number): void => {
    const f = flow[edges++]
    if (f === undefined || !Number.isSafeInteger(f) || f < 0 || f > capacity) over ??= edges - 1
    else {
      into[from]! -= f
      into[to]! += f
    }
  }
  for (const [i, [a, b]] of work.entries()) {
    edge(source, i + 2, b)
    edge(i + 2, sink, a)
  }
  let next = work.length + 2
  for (const f of flowing.filter((x) => x.heads.length > 0)) {
    const [out, back] = [next++, next++]
    edge(f.tail + 2, out, f.cost[0])
    for (const h of f.heads) edge(out, h + 2, Infinity)
    edge(back, f.tail + 2, f.cost[1])
    for (const h of f.heads) edge(h + 2, back, Infinity)
  }
  if (edges !== flow.length) return `it has ${flow.length} edges, and the network ${edges}`
  if (over !== undefined) return `edge ${over} carries more than it can, or less than nothing`
  const leaking = into.findIndex((n, v) => v !== source && v !== sink && n !== 0)
  if (leaking >= 0) return `what goes into vertex ${leaking} does not come out of it`
  return into[sink] === cost ? undefined : `it carries ${into[sink]}, and the placement costs ${cost}`
}
