import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}
/** The command line, as a user of a project would call it. */
export const quoin = (cwd: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const line = ['--conditions=quoin-source', join(root, 'cli/main.ts'), ...args]
    const child = spawn(process.execPath, line, { cwd, env: { ...process.env, NO_COLOR: '1', QUOIN_DEBUG: '' } })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (s: string) => {
      out += s
    })
    child.stderr.setEncoding('utf8').on('data', (s: string) => {
      err += s
    })
    child.on('close', (code) => resolve({ code, out, err }))
  })

/** Puts one of the two projects into a folder of its own, with Quoin installed. */
const installed = (name: 'good' | 'faulty', folder: string): string => {
  cpSync(fileURLToPath(new URL(`./${name}`, import.meta.url)), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/quoin'), 'dir')
  return folder
}
const built = async (cwd: string, ...args: readonly string[]): Promise<void> => {
  const { code, err } = await quoin(cwd, 'build', ...args)
  if (code !== 0) throw new Error(err)
}

/** A project whose gate passes, with the artefact that it ships. */
export const goodProject = async (folder: string): Promise<string> => {
  const cwd = installed('good', folder)
  await built(cwd, 'totals.ts')
  return cwd
}
/**
 * A project with fourteen violations. Four of them are in artefacts, which are made here: two before their graphs changed, one
 * with relaxed laws, one edited afterwards.
 */
export const faultyProject = async (folder: string): Promise<string> => {
  const cwd = installed('faulty', folder)
  const change = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(cwd, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
    writeFileSync(
      join(cwd, file),
      text.replace(from, () => to),
    )
  }
  change('stale.ts', '0.05', '0.04')
  await built(cwd, 'stale.ts')
  change('stale.ts', '0.04', '0.05')
  change('drifted.ts', 'amount: t.f64', 'amount: t.i64')
  await built(cwd, 'drifted.ts')
  change('drifted.ts', 'amount: t.i64', 'amount: t.f64')
  await built(cwd, 'relaxed.ts', '--relax', 'reassociate')
  await built(cwd, 'edited.ts')
  const module = readFileSync(join(cwd, 'edited.quoin/module.js'), 'utf8')
  writeFileSync(join(cwd, 'edited.quoin/module.js'), `${module}// tuned\n`)
  return cwd
}
