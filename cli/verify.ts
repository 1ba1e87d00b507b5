import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeSync } from 'node:fs'
import { open, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Mode } from '../passes/index.ts'
import { passed } from '../verify/gate/judge.ts'
import type { Report, Tier } from '../verify/gate/model.ts'
import type { Project } from '../verify/gate/project/index.ts'
import { artefactsOf, verifyProject } from '../verify/gate/project/index.ts'
import type { Subject } from '../verify/gate/reports/index.ts'
import { junit, markdown, sarif, summary } from '../verify/gate/reports/index.ts'
import type { Marks } from '../verify/gate/table.ts'
import { table } from '../verify/gate/table.ts'
import { exit, Failure, failed, interrupted, misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { out, outColors } from './output.ts'
import { stepwise } from './progress.ts'
import { holdExit } from './stray.ts'
import { against, basesOf, keptIn } from './verify/basis.ts'
import { readProject } from './verify/project.ts'
import { shelfIn } from './verify/shelf.ts'

export interface VerifyOptions {
  readonly fast?: true
  readonly deep?: true
  readonly relax: readonly Mode[]
  readonly sarif?: string
  readonly junit?: string
  readonly summary?: string
  /** An earlier summary: what has changed since, and concerns it, has to be verified again. */
  readonly against?: string
  readonly markdown?: string
}

/** `quoin verify`: everything that has to be shown of a project, what shows it, and what is missing. */
export const verify = async (given: readonly string[], options: VerifyOptions, interrupt: Interrupt): Promise<void> => {
  if (options.fast === true && options.deep === true)
    throw misused('--fast and --deep exclude one another', 'choose one, or leave both out')
  const tier: Tier = options.fast === true ? 'fast' : options.deep === true ? 'deep' : 'default'
  const root = process.cwd()
  // What cannot be read or written is told before anything is looked at, not after an hour.
  const kept = options.against === undefined ? undefined : keptIn(options.against)
  for (const path of [options.sarif, options.junit, options.markdown, options.summary])
    if (path !== undefined) await writable(path)
  const steps = stepwise()
  const decide = untilDecided()
  try {
    const read = await readProject(root, given, new Date().toISOString().slice(0, 10), interrupt)
    const project = kept === undefined ? read : against(read, root, kept, given.length === 0)
    if (project.graphs.length + project.broken.length + project.orphans.length === 0)
      throw failed(
        'there is no graph here to verify',
        "give graph files, or go where they are: modules that import quoin and say export default graph('name', inputs, body)",
      )
    if (options.summary !== undefined && artefactsOf(project).length === 0)
      throw failed('a summary speaks of artefacts, and there is none', 'build them first: quoin build <graph>')
    const looking = {
      tier,
      relax: options.relax,
      signal: interrupt.signal,
      hashOf: (file: string) => hashOf(resolve(root, file)),
    }
    const told = { began: (id: string, at: number, of: number) => steps.say(`${at}/${of} ${id}`) }
    const report = await verifyProject(project, looking, shelfIn(root), told)
    steps.end()
    if (interrupt.signal.aborted) throw interrupted()
    await out(`${table(report, marks())}${leftAlone(project)}`)
    await write(report, project, options)
    decide()
    if (!passed(report)) {
      const wrong = report.verdicts.filter((v) => v.outcome !== 'holds').length
      throw new Failure(exit.failed, `${wrong} of ${report.verdicts.length} obligations are not met`)
    }
  } finally {
    steps.end()
    decide()
  }
}

/** What was looked at nobody has to guess. */
const leftAlone = ({ leftAlone: all }: Project): string => {
  if (all.length === 0) return ''
  const names = `${all.slice(0, 3).join(', ')}${all.length > 3 ? ` and ${all.length - 3} more` : ''}`
  return `\n${outColors().dim(`left alone, having no default export: ${names}`)}`
}

/** Until the function that is returned is called, nothing ends the process as if all were well. */
const untilDecided = (): (() => void) => {
  const release = holdExit()
  const ended = (): void => {
    if (process.exitCode !== undefined && process.exitCode !== 0) return
    process.exitCode = exit.failed
    writeSync(
      2,
      'quoin: a graph file has ended the process before there was a verdict\n  fix: look for what it calls while it is loaded, and leave that out\n',
    )
  }
  process.on('exit', ended)
  return () => {
    release()
    process.off('exit', ended)
  }
}

/** Looks whether a report can be written; what is there stays. */
const writable = async (path: string): Promise<void> => {
  const there = existsSync(path)
  try {
    await (await open(path, 'a')).close()
    if (!there) await rm(path)
  } catch (e) {
    throw unwritable(path, e)
  }
}
const unwritable = (path: string, e: unknown): Failure =>
  failed(
    `${path} cannot be written: ${e instanceof Error ? e.message : String(e)}`,
    'choose another place, or change its permissions',
    e,
  )

const write = async (r: Report, p: Project, o: VerifyOptions): Promise<void> => {
  const policy: Subject = {
    name: `verify/${r.tier}`,
    sha256: createHash('sha256')
      .update(r.verdicts.map((v) => v.obligation.id).join('\n'))
      .digest('hex'),
  }
  const files: readonly (readonly [string | undefined, () => string])[] = [
    [o.sarif, () => sarif(r)],
    [o.junit, () => junit(r)],
    [o.markdown, () => markdown(r)],
    [o.summary, () => `${JSON.stringify(summary(r, subjectsOf(p), policy, basesOf(p)), null, 2)}\n`],
  ]
  let wrong: Failure | undefined
  for (const [path, text] of files)
    if (path !== undefined)
      await writeFile(path, text()).catch((e: unknown) => {
        wrong ??= unwritable(path, e)
      })
  if (wrong !== undefined) throw wrong
}

/** Every file of every artefact, as the bytes that were judged: a deployment can be held to them. */
const subjectsOf = (p: Project): readonly Subject[] =>
  artefactsOf(p).flatMap((a) =>
    Object.entries(a.files).map(([name, sha256]) => ({ name: `${a.directory}/${name}`, sha256 })),
  )

const hashOf = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''

const marks = (): Marks => {
  const c = outColors()
  return { good: c.green, bad: c.red, dim: c.dim, strong: c.bold }
}
