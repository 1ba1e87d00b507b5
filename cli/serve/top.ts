import { setTimeout as pause } from 'node:timers/promises'
import { failed, misused } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import { out } from '../output.ts'

/** One line of the text that Prometheus reads. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export const samplesIn = (text: string): readonly Sample[] =>
  text.split('\n').flatMap((line): Sample[] => {
    const m = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line)
    if (m === null) return []
    const labels = [...(m[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      (l) => [l[1]!, unescaped(l[2]!)] as const,
    )
    return [
      {
        name: m[1]!,
        labels: Object.fromEntries(labels),
        value: m[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(m[3]),
      },
    ]
  })
const unescaped = (s: string): string => s.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))

/** A table of graphs, and what the engine holds; rates are of the time since the samples before. */
export const view = (now: readonly Sample[], before: readonly Sample[], seconds: number): string => {
  const graphs = now.filter((s) => s.name === 'quoin_graph_runs')
  const rows = graphs.map(({ labels }) => {
    const of = (name: string) => now.find((s) => s.name === name && s.labels.graph === labels.graph)?.value ?? 0
    const asked = (from: readonly Sample[]) =>
      sum(from.filter((s) => s.name === 'quoin_request_seconds_count' && s.labels.graph === labels.graph))
    const rate = seconds > 0 ? (asked(now) - asked(before)) / seconds : Number.NaN
    return [
      labels.graph!,
      labels.version!,
      labels.tier!,
      String(of('quoin_graph_running')),
      String(asked(now)),
      Number.isNaN(rate) ? '' : rate.toFixed(1),
      ...[0.5, 0.99].map((share) => shown(quantile(now, labels.graph!, share))),
    ]
  })
  const head = ['graph', 'version', 'tier', 'running', 'requests', 'per s', 'p50 ≤', 'p99 ≤']
  const all = [head, ...rows]
  const widths = head.map((_, k) => Math.max(...all.map((r) => r[k]!.length)))
  const lines = all.map((r) =>
    r
      .map((c, k) => (k === 0 || k === 2 ? c.padEnd(widths[k]!) : c.padStart(widths[k]!)))
      .join('  ')
      .trimEnd(),
  )
  const value = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    sum(now.filter((s) => s.name === name && Object.entries(labels).every(([k, v]) => s.labels[k] === v)))
  const kib = (n: number): string => `${(n / 1024).toFixed(0)} KiB`
  return [
    ...lines,
    '',
    `runs ${value('quoin_runs')}, errors ${value('quoin_errors')}; compiled ${value('quoin_compiles', { state: 'done' })}, failed ${value('quoin_compiles', { state: 'failed' })}`,
    `code loaded ${kib(value('quoin_code_bytes', { where: 'loaded' }))}, kept ${kib(value('quoin_code_bytes', { where: 'kept' }))}; threads ${value('quoin_pool', { what: 'threads' })}; memory ${kib(value('process_resident_memory_bytes'))}`,
  ].join('\n')
}
const sum = (samples: readonly Sample[]): number => samples.reduce((n, s) => n + s.value, 0)
/** The bound of the bucket in which so large a share of the requests lies. */
const quantile = (samples: readonly Sample[], graph: string, share: number): number => {
  const buckets = new Map<number, number>()
  for (const s of samples)
    if (s.name === 'quoin_request_seconds_bucket' && s.labels.graph === graph) {
      const le = s.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(s.labels.le)
      buckets.set(le, (buckets.get(le) ?? 0) + s.value)
    }
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  const all = sorted.at(-1)?.[1] ?? 0
  return all === 0 ? Number.NaN : (sorted.find(([, n]) => n >= share * all)?.[0] ?? Number.NaN)
}
const shown = (s: number): string =>
  Number.isNaN(s) ? '' : s === Number.POSITIVE_INFINITY ? '> 30 s' : `${s * 1000} ms`

/** `quoin top`: looks at the metrics of a server again and again. */
export const top = async (
  url: string,
  { once, every }: { readonly once?: true; readonly every: number },
  interrupt: Interrupt,
): Promise<void> => {
  if (!URL.canParse('/metrics', url)) throw misused(`${url} is no URL`, 'give one such as http://127.0.0.1:8080')
  const look = async (): Promise<readonly Sample[]> => {
    const r = await fetch(new URL('/metrics', url), {
      signal: AbortSignal.any([interrupt.signal, AbortSignal.timeout(5000)]),
    }).catch((e: unknown) => {
      throw failed(`nobody answers at ${url}`, 'start it: quoin serve graph.ts', e)
    })
    const samples = samplesIn(await r.text())
    if (!samples.some((s) => s.name.startsWith('quoin_')))
      throw failed(`${url} is no 'quoin serve'`, 'give the address that quoin serve printed')
    return samples
  }
  let before = await look()
  if (once === true || process.stdout.isTTY !== true) return out(view(before, [], 0))
  const { default: logUpdate } = await import('log-update')
  logUpdate(view(before, [], 0))
  while (!interrupt.signal.aborted) {
    await pause(every, undefined, { signal: interrupt.signal }).catch(() => undefined)
    if (interrupt.signal.aborted) break
    const now = await look()
    logUpdate(view(now, before, every / 1000))
    before = now
  }
  logUpdate.done()
}
