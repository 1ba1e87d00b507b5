import type { EngineStats } from '../../runtime/engine/index.ts'
import { tiers } from '../../runtime/engine/tiers.ts'

/** What is counted for Prometheus: requests as they end, and what the engine holds whenever somebody looks. */
export interface Metrics {
  readonly answered: (graph: string, status: number, seconds: number) => void
  readonly text: () => Promise<string>
  readonly contentType: string
}

export const metricsOf = async (stats: () => EngineStats): Promise<Metrics> => {
  const { Registry, Histogram, Gauge, collectDefaultMetrics } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const seconds = new Histogram({
    name: 'quoin_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['graph', 'status'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers })
  const handle = ['graph', 'tier', 'version'] as const
  const heat = gauge('quoin_graph_heat', 'How hot a graph is: a count that decays.', handle)
  const running = gauge('quoin_graph_running', 'Runs that have begun and not ended.', handle)
  const ended = gauge('quoin_graph_runs', 'Runs of this version that have ended.', handle)
  const runs = gauge('quoin_runs', 'Runs that ended, by tier.', ['tier'])
  const errors = gauge('quoin_errors', 'Runs whose answer was an error.')
  const compiles = gauge('quoin_compiles', 'Compiles by what became of them.', ['state'])
  const code = gauge('quoin_code_bytes', 'Code that is loaded, and that is kept to be loaded again.', ['where'])
  const pool = gauge('quoin_pool', 'Threads for long runs, and runs that ended there.', ['what'])
  const look = (): void => {
    const s = stats()
    for (const g of [heat, running, ended]) g.reset()
    for (const h of s.handles) {
      const of = { graph: h.graph, tier: h.tier, version: String(h.version) }
      heat.set(of, h.heat)
      running.set(of, h.running)
      ended.set(of, h.runs)
    }
    for (const tier of tiers) runs.set({ tier }, s.runs[tier])
    errors.set(s.errors)
    for (const [state, n] of Object.entries(s.compiles)) compiles.set({ state }, n)
    code.set({ where: 'loaded' }, s.loaded.bytes)
    code.set({ where: 'kept' }, s.kept.bytes)
    for (const [what, n] of Object.entries(s.pool)) pool.set({ what }, n)
  }
  return {
    answered: (graph, status, took) => seconds.observe({ graph, status: String(status) }, took),
    text: () => {
      look()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
