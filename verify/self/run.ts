import { spawn } from 'node:child_process'
import type { Duty, Source } from './duty.ts'
import type { Known } from './evidence.ts'
import { current, shownBy, whatOf } from './evidence.ts'
import { asked, keep } from './results.ts'
import type { Reach } from './tree.ts'
import { root, Tree } from './tree.ts'

type Command = Extract<Source, { from: 'command' }>

/** What has to run because nothing that was kept answers for the files as they are: test files by environment, and commands. */
export interface Work {
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly commands: readonly Command[]
}
export const workFor = (k: Known, duties: readonly Duty[]): Work => {
  const files = new Map<string, Set<string>>()
  const commands = new Map<string, Command>()
  for (const d of duties) {
    const s = d.source
    if (d.obligation.tier === 'deep' && shownBy(k, d).outcome === 'holds') continue
    if (s.from === 'command' && current(k, s).length === 0) commands.set(whatOf(s), s)
    if (s.from !== 'tests' || !k.tree.paths.includes(s.file)) continue
    // What failed before is tried again, because somebody who asks wants to see it fail.
    const shown = shownBy(k, d)
    const again =
      shown.outcome === 'refuted' ||
      current(k, s).length === 0 ||
      (shown.outcome === 'missing' && s.cases !== undefined)
    if (!again) continue
    const env = envOf(s)
    files.set(env, (files.get(env) ?? new Set()).add(s.file))
  }
  return { files: new Map([...files].map(([n, set]) => [n, [...set].sort()])), commands: [...commands.values()] }
}

const envOf = ({ cases, deep }: Extract<Source, { from: 'tests' }>): string =>
  [...(cases === undefined ? [] : [`QUOIN_CASES=${cases}`]), ...(deep === true ? ['QUOIN_DEEP=1'] : [])].join(' ')

/** Hears what ended: a file, or a command. */
export type Heard = (what: string, ok: boolean, ms: number) => void

/** Runs what has to run. Everything that ends is kept at once, so what was stopped is taken up where it was. */
export const perform = async (work: Work, heard: Heard, signal: AbortSignal): Promise<void> => {
  for (const [given, list] of work.files) {
    if (signal.aborted) return
    const env = Object.fromEntries(
      given.split(' ').flatMap((e) => (e === '' ? [] : [e.split('=') as [string, string]])),
    )
    const [file, options] = ['vitest', ['run', '--reporter=./verify/self/told.ts', ...list]]
    await spawned(file, options, env, signal, (line) => {
      const said = /^(ok|FAILED) (\S+) (\d+)$/.exec(line)
      if (said !== null) heard(said[2]!, said[1] === 'ok', Number(said[3]))
    })
  }
  for (const c of work.commands) {
    if (signal.aborted) return
    const { ok, ms } = await recorded(c.name, c.args, signal, undefined, c.rests)
    heard(whatOf(c), ok, ms)
  }
}

/** Runs a command and keeps how it ended, unless something changed while it ran. */
export const recorded = async (
  name: string,
  args: readonly string[],
  signal: AbortSignal,
  show?: (line: string) => void,
  reach?: Reach,
): Promise<{ readonly ok: boolean; readonly ms: number }> => {
  const tree = new Tree()
  const paths = reach === undefined ? tree.paths : tree.reached(reach)
  const rests = tree.digest(paths)
  const began = performance.now()
  const lines: string[] = []
  const ok = await spawned(name, args, {}, signal, (line) => {
    lines.push(line)
    show?.(line)
  })
  const ms = Math.round(performance.now() - began)
  const what = [name, ...args].join(' ')
  const state = ok ? ('passed' as const) : ('failed' as const)
  const tests = [{ name: what, state, ms, note: lines.slice(-20).join('\n') }]
  if (!signal.aborted && tree.unchanged(paths))
    keep({ what, rests, date: new Date().toISOString(), ...asked(), ok, ms, tests })
  return { ok, ms }
}

const spawned = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  line: (text: string) => void,
): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stop = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n')
        rest = parts.pop() ?? ''
        for (const p of parts) line(p)
      })
      stream.on('end', () => rest !== '' && line(rest))
    }
    const end = (ok: boolean): void => {
      signal.removeEventListener('abort', stop)
      resolve(ok)
    }
    child.on('error', () => end(false))
    child.on('close', (code) => end(code === 0))
  })
