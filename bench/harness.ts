import type { Summary } from './arithmetic.ts'
import { summarise } from './arithmetic.ts'

/** Somebody who can do the work: Quoin, another library, a plain loop. */
export type Contender<Output> = {
  readonly name: string
  /** The work, which is what is timed. It keeps its result for `output`. */
  readonly run: () => void | Promise<void>
  /** The result of the last run, as it is compared; not timed. */
  readonly output: () => Output | Promise<Output>
  /** The work so many times, and how long it took: for who works in another process and has a clock of its own. */
  readonly timed?: (repeats: number) => Promise<number>
  readonly close?: () => void | Promise<void>
  /** Another measure of equality than the workload's, for a peer that is known to round differently. */
  readonly difference?: Difference<Output>
}

/** How two results differ, in words, or undefined if they count as equal. */
export type Difference<Output> = (ours: Output, theirs: Output) => string | undefined

/** Somebody who cannot take part on this machine, and why. */
export type Absent = { readonly name: string; readonly absent: string }

export type Workload<Output> = {
  readonly name: string
  readonly ours: Contender<Output> | Absent
  readonly peers: readonly (Contender<Output> | Absent)[]
  readonly difference: Difference<Output>
  /** How far a result is from the exact one, where it is known; printed beside the times. */
  readonly error?: (output: Output) => number
}

export type Options = {
  readonly rounds: number
  /** How long each contender runs unmeasured first: V8 reaches full speed only after a while. */
  readonly warmUpMs: number
  /** A sample repeats short work until it lasts this long, because a clock is not exact. */
  readonly sampleMs: number
  /** Milliseconds from any fixed moment. */
  readonly clock: () => number
}

export const usual: Options = { rounds: 15, warmUpMs: 350, sampleMs: 5, clock: () => performance.now() }

export type Row = { readonly workload: string; readonly peer: string } & Summary & {
    readonly unit: Unit
    /** Errors of the results, ours and theirs. */
    readonly ourError?: number
    readonly theirError?: number
  }
/** Times, times for each node of a graph, and bytes for each. */
export type Unit = 'ms' | 'µs/node' | 'B/node'
export type Note = { readonly workload: string; readonly peer: string; readonly reason: string }

/** `skipped` could not take part here. `refused` gave another result than ours, so that a time would mean nothing. */
export type Outcome = {
  readonly rows: readonly Row[]
  readonly skipped: readonly Note[]
  readonly refused: readonly Note[]
  /** Figures that are no ratios, as they are printed. */
  readonly tables?: readonly Table[]
}
export type Table = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Compares all results first, then times everybody in turn: A B C A B C … */
export const measure = async <Output>(workload: Workload<Output>, options: Options = usual): Promise<Outcome> => {
  const note = (peer: string, reason: string): Note => ({ workload: workload.name, peer, reason })
  const present = workload.peers.filter(isPresent)
  const skipped = workload.peers.filter(isAbsent).map((peer) => note(peer.name, peer.absent))
  const { ours } = workload
  try {
    if (isAbsent(ours)) {
      const reason = `there is nothing to compare with: ${ours.name} ${ours.absent}`
      return { rows: [], skipped: [...skipped, ...present.map((peer) => note(peer.name, reason))], refused: [] }
    }
    const { equal, refused, errors } = await compare(workload, ours, present)
    if (equal.length === 0) return { rows: [], skipped, refused: refused.map((r) => note(r.name, r.reason)) }
    const [own, ...others] = await time([ours, ...equal], options)
    const rows = equal.map(({ name }, i): Row => {
      return { workload: workload.name, peer: name, ...summarise(own!, others[i]!), unit: 'ms', ...errors(name) }
    })
    return { rows, skipped, refused: refused.map((r) => note(r.name, r.reason)) }
  } finally {
    for (const contender of [ours, ...present].filter(isPresent)) await contender.close?.()
  }
}

const isAbsent = <Output>(one: Contender<Output> | Absent): one is Absent => 'absent' in one
const isPresent = <Output>(one: Contender<Output> | Absent): one is Contender<Output> => !isAbsent(one)

const compare = async <Output>(
  { difference, error }: Workload<Output>,
  ours: Contender<Output>,
  peers: readonly Contender<Output>[],
) => {
  await ours.run()
  const own = await ours.output()
  const equal: Contender<Output>[] = []
  const ourError = error?.(own)
  const theirs = new Map<string, number>()
  const refused: { readonly name: string; readonly reason: string }[] = []
  for (const peer of peers) {
    await peer.run()
    const output = await peer.output()
    const reason = (peer.difference ?? difference)(own, output)
    if (error !== undefined) theirs.set(peer.name, error(output))
    if (reason === undefined) equal.push(peer)
    else refused.push({ name: peer.name, reason: `its result is not ours: ${reason}` })
  }
  const errors = (name: string): Pick<Row, 'ourError' | 'theirError'> =>
    ourError === undefined ? {} : { ourError, theirError: theirs.get(name)! }
  return { equal, refused, errors }
}

type Runner = Pick<Contender<unknown>, 'run' | 'timed'>

/** Times of each contender, one a round, all in the same rounds. */
const time = async (contenders: readonly Runner[], options: Options): Promise<readonly (readonly number[])[]> => {
  const repeats: number[] = []
  for (const contender of contenders) repeats.push(await warmUp(contender, options))
  const times: number[][] = contenders.map(() => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, contender] of contenders.entries()) times[i]!.push(await sample(contender, repeats[i]!, options))
  }
  return times
}

/** Runs for a while, and says how often a sample has to repeat the work. */
const warmUp = async (contender: Runner, { clock, warmUpMs, sampleMs }: Options): Promise<number> => {
  let fastest = Number.POSITIVE_INFINITY
  let spent = 0
  do {
    const took = await once(contender, clock)
    fastest = Math.min(fastest, took)
    spent += Math.max(took, least)
  } while (spent < warmUpMs)
  // Work below the resolution of the clock has taken no time: a thousand repeats make it visible.
  return fastest > 0 ? Math.max(1, Math.ceil(sampleMs / fastest)) : 1000
}

/** What a run counts at least while warming up, so that this ends where a clock stands still. */
const least = 1e-4
const once = async (contender: Runner, clock: Options['clock']): Promise<number> => {
  if (contender.timed !== undefined) return contender.timed(1)
  const start = clock()
  await contender.run()
  return clock() - start
}

const sample = async (contender: Runner, repeats: number, { clock }: Options): Promise<number> => {
  if (contender.timed !== undefined) return (await contender.timed(repeats)) / repeats
  const start = clock()
  for (let i = 0; i < repeats; i++) {
    // Waiting costs a turn of the microtask queue, so work that does not need it is not made to wait.
    const pending = contender.run()
    if (pending !== undefined) await pending
  }
  return (clock() - start) / repeats
}
