/** A network of integer capacities, and its maximum flow by Dinic's algorithm: level graphs and blocking flows. */
export class Network {
  readonly #from: number[] = []
  readonly #to: number[] = []
  readonly #left: number[] = []
  readonly #out: number[][] = [[], []]

  /** Source and sink are there from the start. */
  static readonly source = 0
  static readonly sink = 1

  vertex(): number {
    return this.#out.push([]) - 1
  }
  edge(from: number, to: number, capacity: number): void {
    // An edge and the way back along it stand side by side.
    for (const [a, b, c] of [
      [from, to, capacity],
      [to, from, 0],
    ] as const) {
      this.#out[a]!.push(this.#to.length)
      this.#from.push(a)
      this.#to.push(b)
      this.#left.push(c)
    }
  }

  /** Saturates the network. */
  run(): void {
    for (let level = this.#levels(); level[Network.sink]! >= 0; level = this.#levels()) {
      const next = this.#out.map(() => 0)
      for (let path = this.#path(level, next); path !== undefined; path = this.#path(level, next)) {
        const most = path.reduce((c, e) => Math.min(c, this.#left[e]!), Infinity)
        for (const e of path) {
          this.#left[e]! -= most
          this.#left[e ^ 1]! += most
        }
      }
    }
  }
  /** Flow on each edge, in the order in which edges were added. */
  flow(): readonly number[] {
    return this.#left.filter((_, e) => e % 2 === 1)
  }
  /** Whether a vertex is on the source's side of the least cut that is nearest to the source. */
  side(): (vertex: number) => boolean {
    const level = this.#levels()
    return (v) => level[v]! >= 0
  }

  #levels(): readonly number[] {
    const level = this.#out.map(() => -1)
    level[Network.source] = 0
    const queue = [Network.source]
    for (const v of queue) {
      for (const e of this.#out[v]!) {
        const to = this.#to[e]!
        if (this.#left[e]! <= 0 || level[to]! >= 0) continue
        level[to] = level[v]! + 1
        queue.push(to)
      }
    }
    return level
  }
  /** The next way from source to sink in a level graph; `next` remembers edges that lead nowhere. */
  #path(level: readonly number[], next: number[]): readonly number[] | undefined {
    const path: number[] = []
    let v: number = Network.source
    while (v !== Network.sink) {
      const e = this.#out[v]![next[v]!]
      if (e !== undefined) {
        if (this.#left[e]! > 0 && level[this.#to[e]!] === level[v]! + 1) {
          path.push(e)
          v = this.#to[e]!
        } else next[v]!++
        continue
      }
      const back = path.pop()
      if (back === undefined) return undefined
      v = this.#from[back]!
      next[v]!++
    }
    return path
  }
}
