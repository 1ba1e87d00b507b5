import { watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { version } from '../../codegen/version.ts'
import { createEngine } from '../../engine.ts'
import type { Built } from '../../graph/build/index.ts'
import { isLeft } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import type { When } from '../../runtime/engine/tiers.ts'
import type { Drivers } from '../../runtime/load.ts'
import type { Bindings } from '../bindings.ts'
import { bindDrivers, wantedBy } from '../drivers.ts'
import { Failure, failed, failedWith, misused } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'
import { loadGraph, near, reloaded } from '../load/index.ts'
import { err, errColors, out } from '../output.ts'

import { metricsOf } from './metrics.ts'
import type { Served } from './server.ts'
import { served, serverOf } from './server.ts'

export interface ServeOptions {
  readonly port: string
  readonly host: string
  readonly deadline: number
  readonly maxBytes: number
  readonly compile: string
  readonly cache?: string
  readonly watch?: true
  readonly db: Bindings
  readonly files: Bindings
  readonly http: Bindings
  readonly kv: Bindings
}

/** `quoin serve`: an engine behind an HTTP server, until it is interrupted. */
export const serve = async (files: readonly string[], options: ServeOptions, interrupt: Interrupt): Promise<void> => {
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw misused(`--port ${options.port}: that is no port`, 'give a number from 0 to 65535')
  if (!['eager', 'lazy', 'never'].includes(options.compile))
    throw misused(`--compile ${options.compile} is not known`, 'choose eager, lazy or never')
  await needed()
  const sources: GraphSource[] = []
  for (const f of files) sources.push(await loadGraph(f, interrupt, 'quoin serve'))
  const twice = sources.find((s, i) => sources.findIndex((x) => x.graph.name === s.graph.name) !== i)
  if (twice !== undefined)
    throw misused(`two graphs are called '${twice.graph.name}'`, 'serve them apart, or give one another name')
  refuseUnbound(sources, options)
  const engine = createEngine({
    compile: options.compile as When,
    limits: { deadlineMs: options.deadline },
    ...(options.cache === undefined ? {} : { cache: { directory: resolve(options.cache) } }),
    trace: (e) => {
      if (e.event === 'unavailable') void warn(`${e.graph} goes on in a lower tier: ${describeError(e.error)}`)
      if (e.event === 'version' && e.what === 'rolledBack')
        void warn(`${e.graph}: version ${e.version} was rolled back`)
    },
  })
  try {
    const graphs: Served[] = []
    for (const s of sources) {
      const drivers = await bound(s, options)
      const h = engine.submit(s.built as Built<unknown, unknown>, { drivers })
      if (isLeft(h)) throw failedWith(h.left, s.file)
      graphs.push(served(s.built, h.right))
    }
    const metrics = await metricsOf(() => engine.stats())
    const app = await serverOf(graphs, {
      engine,
      metrics,
      version,
      maxBytes: options.maxBytes,
      ready: () => !interrupt.signal.aborted,
      now: () => performance.now(),
    })
    const address = await app.listen({ port, host: options.host }).catch((e: Error) => {
      throw failed(`cannot listen at ${options.host}:${port}: ${e.message}`, 'choose another --port or --host', e)
    })
    // Whoever is in flight may take as long as a run may.
    interrupt.serves(options.deadline + 5000)
    const stop = options.watch === true ? watching(files, graphs) : () => undefined
    await out(`serving ${graphs.map((g) => g.name).join(', ')} at ${address}`)
    await aborted(interrupt.signal)
    stop()
    await app.close()
  } finally {
    await engine.close()
  }
}

const warn = (text: string): Promise<void> => err(`${errColors().yellow('warning:')} ${text}`)
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) return done()
    signal.addEventListener('abort', () => done(), { once: true })
  })

/** They are optional, so that nobody installs them who only compiles. */
const needed = async (): Promise<void> => {
  try {
    await Promise.all([import('fastify'), import('prom-client')])
  } catch (e) {
    throw failed('quoin serve needs two more packages', 'npm install fastify prom-client', e)
  }
}
const bindingOptions = { db: '--db', files: '--files', http: '--http', kv: '--kv' } as const
/** A name that no graph speaks to is a misspelt one. */
const refuseUnbound = (sources: readonly GraphSource[], o: ServeOptions): void => {
  const known = new Set(sources.flatMap((s) => wantedBy(s.graph).map((w) => w.driver)))
  for (const [kind, option] of Object.entries(bindingOptions)) {
    const odd = Object.keys(o[kind as keyof typeof bindingOptions]).find((n) => !known.has(n))
    if (odd !== undefined)
      throw misused(`${option} binds '${odd}', which no graph asks`, `the names are ${[...known].join(', ') || 'none'}`)
  }
}
const bound = (s: GraphSource, o: ServeOptions): Promise<Drivers> => {
  const wanted = wantedBy(s.graph)
  const mine = (b: Bindings): Bindings =>
    Object.fromEntries(Object.entries(b).filter(([name]) => wanted.some((w) => w.driver === name)))
  const given = { db: mine(o.db), files: mine(o.files), http: mine(o.http), kv: mine(o.kv), drivers: s.drivers }
  return bindDrivers(wanted, given, s.file)
}

/** Puts the graph of a file that changed in the place of the one before; one that does not fit changes nothing. */
const watching = (files: readonly string[], graphs: readonly Served[]): (() => void) => {
  const waiting = new Map<number, NodeJS.Timeout>()
  const watchers = files.map((given, i) => {
    const file = resolve(given)
    // Editors write beside and rename, so the directory is what stays.
    return watch(dirname(file), (_, name) => {
      if (name !== basename(file)) return
      clearTimeout(waiting.get(i))
      waiting.set(
        i,
        setTimeout(() => void replace(file, graphs[i]!), 50),
      )
    })
  })
  return () => {
    for (const w of watchers) w.close()
    for (const t of waiting.values()) clearTimeout(t)
  }
}
const replace = async (file: string, g: Served): Promise<void> => {
  try {
    const source = await reloaded(file)
    if (source.kind !== 'graph') return
    const r = g.handle.replace(source.built as Built<unknown, unknown>)
    if (isLeft(r)) await warn(`${near(file)} changed and is not served: ${describeError(r.left)}`)
    else await err(`${near(file)} changed: ${g.name} is version ${r.right}`)
  } catch (e) {
    await warn(`${near(file)} changed and is not served: ${e instanceof Failure ? e.message : String(e)}`)
  }
}
