import type { Compiled, Drivers, RunStats, TraceEvent } from 'quoin'
import { compile, describeError, interpret, load, sameValue, toValue } from 'quoin'
import { Interrupted, orTrouble, Trouble } from '../flights/trouble.ts'
import { tenant } from './data.ts'
import { quotes } from './graph.ts'
import type { Place } from './place.ts'
import { writtenIn } from './place.ts'

type Input = NonNullable<(typeof quotes)[' input']>
export type Result = NonNullable<(typeof quotes)[' output']>
export type Plan = Compiled<Input, Result>
type Written = Awaited<ReturnType<typeof writtenIn>>

/** What a run gave, what it left behind, and what it asked outside. */
export interface Ran {
  readonly place: string
  readonly result: Result
  readonly written: Written
  readonly stats: RunStats
  readonly events: readonly TraceEvent[]
  /** Requests that came to the service, by its own count. */
  readonly requests: number
}
export interface Outcome {
  readonly plan: Plan
  readonly asWritten: Ran
  readonly runs: readonly Ran[]
  /** Every run gives the bits of the first, and writes the same rows. */
  readonly same: boolean
}

export const planOf = async (): Promise<Plan> => orTrouble(await compile(quotes))
type Way = (
  drivers: Drivers,
  options: { signal: AbortSignal; trace: (e: TraceEvent) => void; stats: (s: RunStats) => void },
) => Promise<Result>

const inPlace = async (place: Place, signal: AbortSignal, way: Way): Promise<Ran> => {
  const events: TraceEvent[] = []
  let stats: RunStats | undefined
  const before = place.service.requests()
  const result = await way(place.drivers, {
    signal,
    trace: (e) => void events.push(e),
    stats: (s) => {
      stats = s
    },
  })
  const requests = place.service.requests() - before
  return { place: place.name, result, written: await writtenIn(place), stats: stats!, events, requests }
}
/** As it was written: by the reference interpreter, one call after the other. */
export const runAsWritten = (place: Place, signal: AbortSignal): Promise<Ran> =>
  inPlace(place, signal, async (drivers, options) => orTrouble(await interpret(quotes, drivers, { tenant }, options)))
export const runPlan = (place: Place, plan: Plan, signal: AbortSignal): Promise<Ran> =>
  inPlace(place, signal, async (drivers, options) => {
    const loaded = orTrouble(await load(plan, drivers))
    return orTrouble(await loaded.run({ tenant }, options))
  })

/** Bit by bit: NaN is itself, and 0 is not -0. */
export const sameResult = (plan: Plan, a: Result, b: Result): boolean => {
  const type = plan.source.arena.typeOf(plan.source.root)
  const [x, y] = [toValue(type, a), toValue(type, b)]
  return x._tag === 'Right' && y._tag === 'Right' && sameValue(x.right, y.right)
}
const rowsOf = (w: Written): string =>
  JSON.stringify(
    [...w].map((r) => [r.tenant, r.orders, String(r.total), [...new Uint8Array(Float64Array.of(r.atRisk).buffer)]]),
  )
export const sameRows = (a: Written, b: Written): boolean => rowsOf(a) === rowsOf(b)

/** As written in the first place and as compiled in all of them; each place is opened, used and closed. */
export const runJob = async (
  places: readonly [() => Promise<Place>, ...(() => Promise<Place>)[]],
  signal: AbortSignal,
  progress: (doing: string) => void,
): Promise<Outcome> => {
  progress('compiling')
  const plan = await planOf()
  const within = async (open: () => Promise<Place>, work: (place: Place) => Promise<Ran>): Promise<Ran> => {
    const place = await open()
    try {
      if (signal.aborted) throw new Interrupted()
      progress(`running on ${place.name}`)
      return await work(place)
    } finally {
      await place.close()
    }
  }
  const asWritten = await within(places[0], (place) => runAsWritten(place, signal))
  const runs: Ran[] = []
  for (const open of places) runs.push(await within(open, (place) => runPlan(place, plan, signal)))
  const same = runs.every((r) => sameResult(plan, r.result, asWritten.result) && sameRows(r.written, asWritten.written))
  return { plan, asWritten, runs, same }
}

export interface Failed {
  readonly place: string
  readonly tag: string
  readonly message: string
  readonly rows: number
}
/** A run that cannot succeed: its error, and how many rows there are after it. */
export const runFailing = async (open: () => Promise<Place>, signal: AbortSignal): Promise<Failed> => {
  const plan = await planOf()
  const place = await open()
  try {
    const loaded = orTrouble(await load(plan, place.drivers))
    const answer = await loaded.run({ tenant }, { signal })
    if (answer._tag === 'Right') throw new Trouble('the service fails, and the run succeeded: this should not happen')
    const rows = [...(await writtenIn(place))].length
    return { place: place.name, tag: answer.left._tag, message: describeError(answer.left), rows }
  } finally {
    await place.close()
  }
}
