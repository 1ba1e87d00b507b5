import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

/** `quoin`, `quoin/runtime`, … as a user writes them. */
export const entries = Object.keys(manifest.exports).map((name) => name.replace(/^\./, 'quoin'))

export type Packed = {
  /** An npm project in an empty directory, with the packed library installed. */
  readonly directory: string
  /** The paths in the package. */
  readonly files: readonly string[]
}

/** What a user would install beside Quoin: peers that a driver or an entry needs, and what it takes to check types. */
const beside = ['@duckdb/node-api', '@opentelemetry/api', '@types/node', 'typescript']

/** Packs the library and installs it into an empty project; once, if several scripts share a directory for it. */
export const packed = (): Packed => {
  const place = process.env.QUOIN_PACKED ?? mkdtempSync(join(tmpdir(), 'quoin-packed-'))
  const note = join(place, 'packed.json')
  if (!existsSync(note)) writeFileSync(note, JSON.stringify(install(place)))
  return JSON.parse(readFileSync(note, 'utf8')) as Packed
}

const install = (place: string): Packed => {
  const report = run(root, 'npm', 'pack', '--silent', '--json', '--pack-destination', place)
  // The build that npm runs first may print before the report.
  const [pack] = JSON.parse(report.slice(report.search(/^\[\s*$/m))) as [
    { filename: string; files: { path: string }[] },
  ]
  const directory = join(place, 'project')
  cpSync(join(root, 'test/package/user'), directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n')
  const versions = beside.map((name) => `${name}@${manifest.devDependencies[name]}`)
  run(directory, 'npm', 'install', '--silent', '--prefer-offline', join(place, pack.filename), ...versions)
  return { directory, files: pack.files.map(({ path }) => path) }
}

/** Runs a command to its end and returns what it printed; an error shows what the command said. */
export const run = (cwd: string, command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 })

/** Plain Node, without the condition that makes `quoin` mean the sources. */
export const node = (cwd: string, ...args: readonly string[]): string => run(cwd, process.execPath, ...args)

/** Ends the process with 1 and one line for each problem, or with one line that says what was found good. */
export const conclude = (problems: readonly string[], good: string): void => {
  for (const problem of problems) console.error(`  ✗ ${problem}`)
  if (problems.length === 0) console.log(`  ✓ ${good}`)
  else process.exitCode = 1
}
