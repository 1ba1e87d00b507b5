import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Mode } from '../passes/index.ts'
import { passed } from '../verify/gate/judge.ts'
import type { Report, Tier } from '../verify/gate/model.ts'
import type { Project } from '../verify/gate/project/index.ts'
import { verifyProject } from '../verify/gate/project/index.ts'
import type { Subject } from '../verify/gate/reports/index.ts'
import { junit, markdown, sarif, summary } from '../verify/gate/reports/index.ts'
import type { Marks } from '../verify/gate/table.ts'
import { table } from '../verify/gate/table.ts'
import { readArtifact } from './artifact/check.ts'
import { exit, Failure, failed, interrupted, misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { out, outColors } from './output.ts'
import { stepwise } from './progress.ts'
import { against, basesOf } from './verify/basis.ts'
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
  const steps = stepwise()
  try {
    const read = await readProject(root, given, new Date().toISOString().slice(0, 10), interrupt)
    const project = against(read, root, options.against)
    if (project.graphs.length + project.broken.length + project.orphans.length === 0)
      throw failed(
        'there is no graph here to verify',
        "give graph files, or go where they are: modules that import quoin and say export default graph('name', inputs, body)",
      )
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
    await write(report, project, root, options)
    await out(table(report, marks()))
    if (!passed(report)) {
      const wrong = report.verdicts.filter((v) => v.outcome !== 'holds').length
      throw new Failure(exit.failed, `${wrong} of ${report.verdicts.length} obligations are not met`)
    }
  } finally {
    steps.end()
  }
}

const write = async (r: Report, p: Project, root: string, o: VerifyOptions): Promise<void> => {
  const subjects = o.summary === undefined ? [] : await subjectsIn(p, root)
  if (o.summary !== undefined && subjects.length === 0)
    throw failed('a summary speaks of artefacts, and there is none', 'build them first: quoin build <graph>')
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
    [o.summary, () => `${JSON.stringify(summary(r, subjects, policy, basesOf(p, root)), null, 2)}\n`],
  ]
  for (const [path, text] of files) {
    if (path === undefined) continue
    await writeFile(path, text()).catch((e: Error) => {
      throw failed(`${path} cannot be written: ${e.message}`, 'choose another place, or change its permissions', e)
    })
  }
}

/** Every file of every artefact, as bytes that a deployment can be held to. */
const subjectsIn = async (p: Project, root: string): Promise<readonly Subject[]> => {
  const folders = [
    ...p.graphs.flatMap((g) => (g.artefact === undefined ? [] : [g.artefact.directory])),
    ...p.orphans.map((o) => o.directory),
  ]
  const all = await Promise.all(
    folders.map(async (folder) =>
      [...((await readArtifact(join(root, folder))) ?? [])].map(([name, bytes]) => ({
        name: `${folder}/${name}`,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      })),
    ),
  )
  return all.flat()
}

const hashOf = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''

const marks = (): Marks => {
  const c = outColors()
  return { good: c.green, bad: c.red, dim: c.dim, strong: c.bold }
}
