import type { Mode } from '../passes/index.ts'
import { optimise } from '../passes/index.ts'
import type { InventoryEntry } from '../runtime/assumption.ts'
import type { Driver } from '../runtime/driver.ts'
import { clock } from '../runtime/drivers/clock/index.ts'
import { log } from '../runtime/drivers/log/index.ts'
import { random } from '../runtime/drivers/random/index.ts'
import type { Drivers } from '../runtime/load.ts'
import { reportCycloneDx } from '../verify/assumptions/cyclonedx.ts'
import { reportHtml } from '../verify/assumptions/html.ts'
import { inventoryReport } from '../verify/assumptions/report.ts'
import { inventoryJson, inventory as inventoryOf, inventoryPage } from '../verify/inventory.ts'
import type { Bindings } from './bindings.ts'
import { debugOptimised } from './debug-passes.ts'
import type { Wanted } from './drivers.ts'
import { bindDrivers, closeAll, previewDrivers, wantedBy } from './drivers.ts'
import { misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import type { Source } from './load/index.ts'
import { load } from './load/index.ts'
import { out } from './output.ts'
import { probes } from './probes.ts'

export interface InventoryOptions {
  readonly format: 'md' | 'json' | 'html' | 'cyclonedx'
  readonly target?: 'ts' | 'wasm'
  readonly relax: readonly Mode[]
  /** Look whether they hold, where the options bind the drivers. */
  readonly probe?: true
  readonly db: Bindings
  readonly files: Bindings
  readonly http: Bindings
  readonly kv: Bindings
}

/** `quoin inventory`: what a graph rests on, the drivers that `quoin run` would bind included. */
export const inventory = async (graph: string, options: InventoryOptions, interrupt: Interrupt): Promise<void> => {
  const source = await load(graph, interrupt)
  const { subject, wanted, name } = await subjectOf(source, options)
  const given = { db: options.db, files: options.files, http: options.http, kv: options.kv }
  if (options.probe === undefined && Object.values(given).some((b) => Object.keys(b).length > 0))
    throw misused('drivers are bound, and nothing is asked of them', 'add --probe, or leave the bindings out')
  const bound = options.probe
    ? await bindDrivers(wanted, { ...given, drivers: source.drivers }, source.file)
    : await previewDrivers(wanted, source.drivers, source.file)
  try {
    if (options.probe) return await probes(Object.values(used(bound, wanted)), name, options.format, interrupt)
    const entries = inventoryOf(subject, used(bound, wanted))
    await out(written(options.format, name, entries))
  } finally {
    await closeAll(bound)
  }
}

const written = (format: InventoryOptions['format'], name: string, entries: readonly InventoryEntry[]): string => {
  if (format === 'json') return inventoryJson(entries)
  if (format === 'md') return inventoryPage(name, entries)
  const report = inventoryReport(name, entries)
  return format === 'html' ? reportHtml(report) : reportCycloneDx(report)
}

export const subjectOf = async (
  source: Source,
  { target, relax }: Pick<InventoryOptions, 'target' | 'relax'>,
): Promise<{ subject: Parameters<typeof inventoryOf>[0]; wanted: readonly Wanted[]; name: string }> => {
  if (source.kind === 'artifact') {
    const { manifest } = source.artifact
    if (target !== undefined && target !== manifest.target)
      throw misused(`${source.file} was built for ${manifest.target}`, 'leave --target out, or give the graph file')
    if (relax.length > 0)
      throw misused(`${source.file} is compiled already`, 'leave --relax out, or give the graph file')
    return { subject: source.artifact, wanted: manifest.effects, name: source.file }
  }
  const optimised = optimise(source.graph, { relax })
  await debugOptimised(source.graph, optimised)
  return {
    subject: { graph: optimised.graph, target: target ?? 'wasm' },
    wanted: wantedBy(optimised.graph),
    name: `graph '${source.graph.name}'`,
  }
}

/** Clock, random and log are bound by default, so their assumptions count when the graph uses them. */
export const used = (bound: Drivers, wanted: readonly Wanted[]): Readonly<Record<string, Driver>> => {
  const all: Drivers = { clock: clock(), random: random(), log: log(), ...bound }
  const names = [...new Set(wanted.map((w) => w.driver))].filter((n) => Object.hasOwn(all, n))
  return Object.fromEntries(names.map((n) => [n, all[n]!]))
}
