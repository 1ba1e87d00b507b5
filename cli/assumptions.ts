import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '../codegen/version.ts'
import type { Mode } from '../passes/index.ts'
import type { InventoryEntry } from '../runtime/assumption.ts'
import { properties } from '../runtime/properties.ts'
import { reportCycloneDx } from '../verify/assumptions/cyclonedx.ts'
import { reportHtml } from '../verify/assumptions/html.ts'
import { reportMarkdown } from '../verify/assumptions/markdown.ts'
import { generalAssumptions, ownAssumptions, withoutBearing } from '../verify/assumptions/own.ts'
import type { InventoryProblem } from '../verify/assumptions/problems.ts'
import { inventoryProblems } from '../verify/assumptions/problems.ts'
import type { InventoryReport } from '../verify/assumptions/report.ts'
import { inventoryReport, reportJson } from '../verify/assumptions/report.ts'
import { installedVersions, packagesIn, specified } from '../verify/assumptions/versions.ts'
import { inventory } from '../verify/inventory.ts'
import { ownAllowances } from '../verify/scan/own.ts'
import { ownSources } from '../verify/scan/tree.ts'
import { closeAll, previewDrivers } from './drivers.ts'
import { exit, Failure, failed, misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { subjectOf, used } from './inventory.ts'
import { load } from './load/index.ts'
import { out } from './output.ts'

export interface AssumptionsOptions {
  readonly graph?: string
  readonly format: 'md' | 'json' | 'html' | 'cyclonedx'
  readonly target?: 'ts' | 'wasm'
  readonly relax: readonly Mode[]
  readonly check?: true
  readonly probe?: true
}

/** `quoin assumptions`: what a property rests on, of Quoin itself or of a graph. */
export const assumptions = async (
  property: string | undefined,
  options: AssumptionsOptions,
  interrupt: Interrupt,
): Promise<void> => {
  if (property !== undefined && !Object.hasOwn(properties, property))
    throw misused(`there is no property '${property}'`, `name one of ${Object.keys(properties).join(', ')}`)
  if (property !== undefined && (options.check === true || options.probe === true))
    throw misused(
      `--${options.check === true ? 'check' : 'probe'} looks at all assumptions, and '${property}' would choose some`,
      'leave the property out',
    )
  const { about, entries, problems } =
    options.graph === undefined ? ofQuoin(options) : await ofGraph(options.graph, options, interrupt)
  if (options.probe === true || options.check === true) {
    // Asked for both, both are told before either fails.
    const asked = [
      ...(options.check === true ? [() => check(about, entries.length, problems())] : []),
      ...(options.probe === true ? [() => probe(about, entries)] : []),
    ]
    const wrong: unknown[] = []
    for (const one of asked) await one().catch((e: unknown) => wrong.push(e))
    if (wrong.length > 0) throw wrong.length === 1 ? wrong[0] : both(wrong)
    return
  }
  await out(written(options.format, inventoryReport(about, entries, property)))
}

const both = (wrong: readonly unknown[]): unknown =>
  wrong.find((e) => !(e instanceof Failure)) ??
  new Failure(exit.failed, wrong.map((e) => (e as Failure).message).join('\n'), wrong[0])

interface Known {
  readonly about: string
  readonly entries: readonly InventoryEntry[]
  readonly problems: () => readonly InventoryProblem[]
}
const today = (): string => new Date().toISOString().slice(0, 10)

const ofQuoin = ({ target, relax }: AssumptionsOptions): Known => {
  if (target !== undefined || relax.length > 0)
    throw misused('--target and --relax speak of a graph', 'name one with --graph, or leave them out')
  const entries = ownAssumptions()
  return {
    about: `Quoin ${version}`,
    entries,
    problems: () => {
      const root = fileURLToPath(new URL('../', import.meta.url))
      const sources = ownSources(root)
      // Tests and specifications are not published: there nothing can be said of files.
      const whole = existsSync(join(root, 'specs-tla')) && existsSync(join(root, 'test'))
      return inventoryProblems(entries, {
        versions: installedVersions(entries, root),
        today: today(),
        ...(Object.keys(sources).length === 0 ? {} : { packages: packagesIn(sources), withoutBearing }),
        ...(whole ? { exists: (f: string) => existsSync(join(root, f)), specified: specified(root) } : {}),
        named: ownAllowances.flatMap((a) => (a.assumption === undefined ? [] : [a.assumption])),
      })
    },
  }
}

const ofGraph = async (file: string, options: AssumptionsOptions, interrupt: Interrupt): Promise<Known> => {
  const source = await load(file, interrupt)
  const { subject, wanted, name } = await subjectOf(source, options)
  const bound = await previewDrivers(wanted, source.drivers, source.file)
  try {
    const own = inventory(subject, used(bound, wanted))
    const entries = [...own, ...generalAssumptions.filter((g) => own.every((a) => a.id !== g.id))]
    const root = resolve(source.file, '..')
    const problems = () => inventoryProblems(entries, { versions: installedVersions(entries, root), today: today() })
    return { about: name, entries, problems }
  } finally {
    await closeAll(bound)
  }
}

const written = (format: AssumptionsOptions['format'], report: InventoryReport): string => {
  switch (format) {
    case 'md':
      return reportMarkdown(report)
    case 'json':
      return reportJson(report)
    case 'html':
      return reportHtml(report)
    case 'cyclonedx':
      return reportCycloneDx(report)
  }
}

/** Runs the probes that the entries name; those of drivers look where these are bound, which is another command. */
const probe = async (about: string, entries: readonly InventoryEntry[]): Promise<void> => {
  const { probes } = await import('../verify/probes/index.ts')
  const names = [...new Set(entries.flatMap((a) => (a.probe.by === 'quoin' ? [a.probe.name] : [])))]
  let broken = 0
  for (const name of names) {
    const seen = await probes[name]!()
    if (!seen.ok) broken++
    const ids = entries.filter((a) => a.probe.by === 'quoin' && a.probe.name === name).map((a) => a.id)
    await out(`${seen.ok ? 'ok    ' : 'broken'}  ${name}: ${seen.found} (${ids.join(', ')})`)
  }
  const elsewhere = entries.filter((a) => a.probe.by === 'driver')
  if (elsewhere.length > 0)
    await out(
      `not tried here: ${elsewhere.map((a) => a.id).join(', ')}; quoin inventory <graph> --probe asks the drivers`,
    )
  if (broken > 0)
    throw failed(`${about}: ${broken} of ${names.length} probes broke what they tried`, 'see what is said of each')
}

const check = async (about: string, n: number, problems: readonly InventoryProblem[]): Promise<void> => {
  if (problems.length === 0) return out(`${about}: ${n} assumptions, complete and current`)
  await out(problems.map((p) => `${p.rule.padEnd(12)} ${p.message}\n${' '.repeat(13)}fix: ${p.remedy}`).join('\n'))
  throw new Failure(exit.failed, `${about}: ${problems.length} of its assumptions' conditions are not met`)
}
