import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isLeft } from '../../graph/either.ts'
import type { Mode } from '../../passes/index.ts'
import { directoryName } from '../artifact/files.ts'
import { failed, failedWith, interrupted } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import { loadGraph, near } from '../load/index.ts'
import { out } from '../output.ts'
import { progress } from '../progress.ts'
import { ejected } from './index.ts'

export interface EjectOptions {
  readonly out?: string
  readonly force?: true
  readonly relax: readonly Mode[]
}

/** `quoin eject`: writes a module that needs no Quoin. */
export const ejectTo = async (graph: string, options: EjectOptions, interrupt: Interrupt): Promise<void> => {
  const source = await loadGraph(graph, interrupt, 'quoin eject')
  const made = await progress(`ejecting ${source.file}`, () => ejected(source.graph, source.file, options.relax))
  if (isLeft(made)) throw failedWith(made.left, source.file)
  if (interrupt.signal.aborted) throw interrupted()
  const { text, name } = made.right
  if (options.out === '-') return out(text)
  const usual = `${directoryName(source.graph.name).slice(0, -'.quoin'.length)}.ejected.ts`
  const path = resolve(options.out ?? join(dirname(resolve(graph)), usual))
  const there = await readFile(path, 'utf8').catch((e: NodeJS.ErrnoException) => {
    if (e.code === 'ENOENT' || e.code === 'ENOTDIR') return undefined
    throw failed(`${near(path)} cannot be written: ${e.message}`, 'choose another place with --out', e)
  })
  if (there === text) return out(`nothing to do: ${near(path)}`)
  if (there !== undefined && options.force !== true)
    throw failed(`${near(path)} is there, and says something else`, 'choose another place with --out, or give --force')
  await write(path, text)
  await out(`wrote ${near(path)} (${text.split('\n').length - 1} lines; it exports ${name})`)
}

/** As a whole or not at all. */
const write = async (path: string, text: string): Promise<void> => {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFile(beside, text, { flush: true })
    await rename(beside, path)
  } catch (e) {
    await rm(beside, { force: true }).catch(() => {})
    throw failed(
      `${near(path)} cannot be written: ${e instanceof Error ? e.message : String(e)}`,
      'make room, or choose another place with --out',
      e,
    )
  }
}
