import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const at = (path: string): string => `${root}${path}`
const sha = (x: string | Uint8Array): string => createHash('sha256').update(x).digest('hex')

/** What the gate writes itself: nothing it looks at rests on these. */
const ownOutputs = new Set([
  'docs/VERIFICATION.md',
  'verify/self/deep.json',
  'verify/self/open.json',
  'verify/self/seeded.json',
  'verify/self/mutants.json',
])
/** What a program rests on where it says so itself: what it imports, from these files on, and what lies below these places. */
export interface Reach {
  readonly from: readonly string[]
  readonly reads: readonly string[]
}

/** Everything that decides how any test ends, whatever it imports. */
const always = ['package.json', 'package-lock.json', 'vitest.config.ts', 'tsconfig.json']

/**
 * The files of this repository, as git knows them, and what rests on which. What a test rests on is found by following
 * its imports; one that reads files, starts programs or threads by itself rests on everything, because nobody here can
 * tell what it looks at.
 */
export class Tree {
  readonly paths: readonly string[]
  readonly #known: ReadonlySet<string>
  readonly #hashes = new Map<string, string>()
  readonly #stamps = new Map<string, string>()
  readonly #links = new Map<string, Links>()
  readonly #entries: Readonly<Record<string, string>>

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.paths = [...new Set(listed.split('\0'))].filter((p) => p !== '' && !ownOutputs.has(p) && isFile(p)).sort()
    this.#known = new Set(this.paths)
    const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
      exports: Readonly<Record<string, { readonly 'quoin-source': string }>>
    }
    this.#entries = Object.fromEntries(
      Object.entries(exports).map(([n, e]) => [n.replace(/^\./, 'quoin'), e['quoin-source'].slice(2)]),
    )
  }

  hashOf(path: string): string {
    const known = this.#hashes.get(path)
    if (known !== undefined) return known
    this.#stamps.set(path, stampOf(path))
    const hash = sha(readFileSync(at(path)))
    this.#hashes.set(path, hash)
    return hash
  }
  /** Whether these files are still what they were when they were hashed. */
  unchanged(paths: readonly string[]): boolean {
    return paths.every((p) => this.#stamps.get(p) === stampOf(p))
  }

  /** What the files below these places hold, and what always counts. */
  below(places: readonly string[]): readonly string[] {
    return this.paths.filter((p) => always.includes(p) || places.some((q) => p === q || p.startsWith(`${q}/`)))
  }
  /** What a test file rests on. */
  under(test: string): readonly string[] {
    return this.#reached([test], false)
  }
  /** What these files import, however far, and what lies below the places that they are said to read. */
  reached({ from, reads }: Reach): readonly string[] {
    const found = [...this.#reached(from, true), ...this.below(reads)]
    // What its dependencies are stands in the lock file, and what `quoin` is was followed; its scripts change nothing.
    return [...new Set(found)].filter((p) => p !== 'package.json').sort()
  }
  /** Where nobody said what is read, that is everything. */
  #reached(from: readonly string[], told: boolean): readonly string[] {
    const found = new Set<string>([...from, ...always])
    const open = [...from]
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      const { imports, near, anything } = this.#linksOf(file)
      if (anything && !told) return this.paths
      for (const i of imports) {
        if (found.has(i)) continue
        found.add(i)
        open.push(i)
      }
      // A module of the library that reads what lies beside it.
      if (near) for (const p of this.paths) if (p.startsWith(`${posix.dirname(file)}/`)) found.add(p)
    }
    return [...found].filter((p) => this.#known.has(p)).sort()
  }
  /** One hash of these files, and of the Node that runs them. */
  digest(paths: readonly string[]): string {
    return sha([process.version, process.platform, ...paths.map((p) => `${p} ${this.hashOf(p)}`)].join('\n'))
  }

  #linksOf(file: string): Links {
    const known = this.#links.get(file)
    if (known !== undefined) return known
    const text = this.#known.has(file) && /\.(?:m?ts|js)$/.test(file) ? readFileSync(at(file), 'utf8') : ''
    const reads = /from 'node:(?:fs|fs\/promises|child_process|worker_threads)'/.test(text)
    const inLibrary = /^(?:graph|passes|codegen|runtime)\/|^[a-z-]+\.ts$/.test(file)
    const imports = [
      ...text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g),
      ...text.matchAll(/new URL\('(\.[^']*)', import\.meta\.url\)/g),
    ].flatMap(([, to]) => this.#target(file, to!))
    const links = {
      imports,
      near: reads && inLibrary && text.includes('import.meta.url'),
      anything: reads && !inLibrary,
    }
    this.#links.set(file, links)
    return links
  }
  #target(from: string, to: string): readonly string[] {
    const entry = this.#entries[to]
    if (entry !== undefined) return [entry]
    return to.startsWith('.') ? [posix.join(posix.dirname(from), to)] : []
  }
}
interface Links {
  readonly imports: readonly string[]
  readonly near: boolean
  readonly anything: boolean
}

const isFile = (path: string): boolean => statSync(at(path), { throwIfNoEntry: false })?.isFile() === true
const stampOf = (path: string): string => {
  const s = statSync(at(path), { throwIfNoEntry: false })
  return s === undefined ? '' : `${s.mtimeMs} ${s.size}`
}
