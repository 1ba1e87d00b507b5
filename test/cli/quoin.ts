import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { quoin: string } }
/** The arguments with which package.json starts the command line on the sources. */
const start = scripts.quoin.split(' ').slice(1)

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}
export interface Running {
  readonly ended: Promise<Ended>
  readonly interrupt: () => void
  /** Hears standard output as it grows. */
  readonly heard: (by: (all: string) => void) => void
  /** Settles when this text has appeared on standard error, or the process has ended. */
  readonly said: (text: string) => Promise<unknown>
}
export interface How {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** A command that runs the one behind it, with fewer rights. */
  readonly through?: readonly string[]
}

/**
 * What makes a command feel permissions. To a superuser who keeps the right to pass them over they say nothing; one without
 * it is a user like others. Undefined where this machine lets nobody give that up.
 */
export const withoutPrivileges = (): readonly string[] | undefined => {
  if (process.getuid?.() !== 0) return []
  const command = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
  return spawnSync(command[0]!, [...command.slice(1), 'true']).status === 0 ? command : undefined
}

/** Starts the real command line in a process of its own; a hanging one is killed and shows as a signal. */
export const begin = (args: readonly string[], how: How = {}): Running => {
  const script = [...start.slice(0, -1), join(root, start.at(-1)!)]
  const env = { ...process.env, NO_COLOR: '1', QUOIN_DEBUG: '', ...how.env }
  const [command, ...rest] = [...(how.through ?? []), process.execPath, ...script, ...args]
  const child = spawn(command!, rest, { cwd: how.cwd ?? root, env })
  const killer = setTimeout(() => child.kill('SIGKILL'), 50_000)
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (s: string) => (out += s))
  child.stderr.setEncoding('utf8').on('data', (s: string) => (err += s))
  // A process that ends before it has read its input is no failure of the test.
  child.stdin.on('error', () => {})
  child.stdin.end(how.input ?? '')
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(killer)
      resolve({ code, signal, out, err })
    })
  })
  const said = (text: string): Promise<unknown> => {
    const heard = new Promise<void>((resolve) => {
      const listen = (): void => {
        if (err.includes(text)) resolve()
      }
      listen()
      child.stderr.on('data', listen)
    })
    return Promise.race([heard, ended])
  }
  const heard = (by: (all: string) => void): void => {
    by(out)
    child.stdout.on('data', () => by(out))
  }
  return { ended, interrupt: () => child.kill('SIGINT'), heard, said }
}
export const quoin = (args: readonly string[], how: How = {}): Promise<Ended> => begin(args, how).ended

export const fixture = (name: string): string => `test/cli/fixtures/${name}`

/** A directory for one test file; `write` puts files into it, and `remove` takes all of it away. */
export const scratch = () => {
  const directory = mkdtempSync(join(tmpdir(), 'quoin-cli-'))
  const path = (name: string): string => join(directory, name)
  return {
    directory,
    path,
    write: (name: string, content: string | Uint8Array): string => {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), content)
      return path(name)
    },
    remove: (): void => rmSync(directory, { recursive: true, force: true }),
  }
}
