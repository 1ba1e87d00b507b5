import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultyProject, goodProject, quoin } from './project.ts'

/** `npm run verify-example`: what `quoin verify` says of a project without fault, and of one with fourteen. */
const folder = mkdtempSync(join(tmpdir(), 'quoin-verify-'))
try {
  const good = await quoin(await goodProject(join(folder, 'good')), 'verify', '--fast')
  process.stdout.write(`${good.out}${good.err}\n`)
  const faulty = await quoin(await faultyProject(join(folder, 'faulty')), 'verify', '--fast')
  process.stdout.write(`${faulty.out}${faulty.err}`)
  process.exitCode = good.code === 0 && faulty.code === 1 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
