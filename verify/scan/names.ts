import type { Rule } from './finding.ts'
import { exactMath } from './maths.ts'

/** Globals that may be named only where a rule allows it; what is not here is free. Members are tried longest first. */
export interface Named {
  readonly rule: Rule
  /** What is wrong about it, with the text that stands there in front. */
  readonly message: string
}

const outside: Named = { rule: 'outside-call', message: 'reaches the outside' }
const clock: Named = { rule: 'clock', message: 'reads a clock' }
const random: Named = { rule: 'randomness', message: 'draws at random' }
const native: Named = { rule: 'foreign-code', message: 'runs code that no checker has seen' }
const dynamic: Named = { rule: 'dynamic-code', message: 'makes code of text' }
const inexact: Named = { rule: 'inexact-math', message: 'may differ in its last bits between engines' }

/** What a global name, or a member of one, means for the rules. `undefined`: nothing. */
export const ofGlobal = (name: string, member: string | undefined): Named | undefined => {
  if (name === 'Math') {
    if (member === 'random') return random
    if (member === undefined) return { ...inexact, message: 'as a value may become any of its functions' }
    return exactMath.has(member) ? undefined : inexact
  }
  const own = globals[name]
  if (own === undefined) return undefined
  if (!('members' in own)) return own
  if (member === undefined) return own.bare
  return own.members[member] ?? own.others
}

type Members = {
  readonly members: Readonly<Record<string, Named>>
  /** The name by itself, as a value: it could become any of its members. */
  readonly bare?: Named
  /** Members that are not listed. */
  readonly others?: Named
}
const globals: Readonly<Record<string, Named | Members>> = {
  fetch: outside,
  ...Object.fromEntries(
    [
      ...['WebSocket', 'WebSocketStream', 'EventSource', 'XMLHttpRequest', 'Deno', 'Bun', 'Worker', 'SharedWorker'],
      ...['BroadcastChannel', 'importScripts', 'localStorage', 'sessionStorage', 'indexedDB', 'caches'],
    ].map((n) => [n, outside]),
  ),
  navigator: { members: { sendBeacon: outside }, bare: { ...outside, message: 'as a value may reach the outside' } },
  Event: { ...clock, message: 'carries the time at which it was made' },
  CustomEvent: { ...clock, message: 'carries the time at which it was made' },
  Intl: {
    members: { DateTimeFormat: { ...clock, message: 'formats the time of now where it is given none' } },
    bare: { ...clock, message: 'as a value may read a clock' },
  },
  performance: { members: { now: clock, timeOrigin: clock }, bare: clock },
  Temporal: { members: { Now: clock }, bare: { ...clock, message: 'as a value may read a clock' } },
  crypto: {
    members: { getRandomValues: random, randomUUID: random, subtle: { ...random, message: 'can make keys at random' } },
    bare: random,
  },
  eval: dynamic,
  Function: dynamic,
  WebAssembly: {
    members: {
      Module: native,
      compile: native,
      compileStreaming: native,
      instantiate: native,
      instantiateStreaming: native,
    },
    bare: native,
  },
  process: {
    members: {
      dlopen: native,
      binding: native,
      hrtime: clock,
      uptime: clock,
      kill: outside,
      chdir: outside,
      execve: outside,
      stdin: outside,
      exit: { ...outside, message: 'ends the process' },
      reallyExit: { ...outside, message: 'ends the process' },
      abort: { ...outside, message: 'ends the process' },
      getBuiltinModule: { ...outside, message: 'brings a module without an import' },
    },
    bare: { ...outside, message: 'as a value may become any of its parts' },
  },
}
/** Globals that are looked at wherever they are named. */
export const watched: ReadonlySet<string> = new Set(['Math', 'Date', 'require', ...Object.keys(globals)])

const packages: Readonly<Record<string, Named>> = {
  ...Object.fromEntries(
    [
      ...['fs', 'fs/promises', 'net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises', 'sqlite', 'os'],
      ...['child_process', 'cluster', 'worker_threads', 'inspector', 'repl', 'quic'],
    ].flatMap((m) => [
      [m, outside],
      [`node:${m}`, outside],
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['pg', 'pg-cursor', 'postgres', 'redis', 'ioredis', '@duckdb/node-api', 'duckdb', 'better-sqlite3', 'mysql2'],
      ...['mongodb', 'undici', 'axios', 'got', 'node-fetch', 'ws', 'knex', '@prisma/client', 'typeorm'],
    ].map((m) => [m, outside]),
  ),
  ...Object.fromEntries(
    [
      'koffi',
      'ffi-napi',
      'ffi-rs',
      'node:ffi',
      'node-addon-api',
      'node-gyp-build',
      'bindings',
      'wasi',
      'node:wasi',
    ].map((m) => [m, native]),
  ),
  vm: dynamic,
  'node:vm': dynamic,
}
/** Packages whose import says nothing; their names do. */
const picked: Readonly<Record<string, (name: string) => Named | undefined>> = Object.fromEntries([
  ...['crypto', 'node:crypto'].map((m) => [
    m,
    (n: string) =>
      /^(random|generate|getRandomValues|webcrypto$|pseudoRandom|prng)/i.test(n) || n === '*' || n === 'default'
        ? random
        : undefined,
  ]),
  ...['perf_hooks', 'node:perf_hooks'].map((m) => [
    m,
    (n: string) => (['performance', '*', 'default'].includes(n) ? clock : undefined),
  ]),
  ...['process', 'node:process'].map((m) => [
    m,
    (n: string) =>
      n === '*' || n === 'default'
        ? { ...outside, message: 'brings all of the process under another name' }
        : ofGlobal('process', n),
  ]),
  ...['module', 'node:module'].map((m) => [
    m,
    (n: string) =>
      ['createRequire', '*', 'default'].includes(n)
        ? { ...dynamic, message: 'loads modules by text' }
        : ['register', 'registerHooks'].includes(n)
          ? { ...dynamic, message: 'changes what modules are loaded' }
          : undefined,
  ]),
] as const)

/** What importing a package, or a name of it, means; `*` is all of it. Where the package itself tells, names do not count. */
export const ofImport = (specifier: string, names: readonly string[]): Named | undefined => {
  if (/\.node$/.test(specifier)) return native
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(specifier)?.[1]?.toLowerCase()
  if (scheme === 'data' || scheme === 'blob') return dynamic
  if (scheme !== undefined && scheme !== 'node' && scheme !== 'file')
    return { ...outside, message: 'brings code from elsewhere' }
  const pick = picked[specifier]
  if (pick !== undefined) {
    for (const n of names) {
      const found = pick(n)
      if (found !== undefined) return found
    }
    return undefined
  }
  const parts = specifier.split('/')
  const whole = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
  return packages[specifier] ?? packages[whole]
}
/** What to do about each. */
export const remedies: Readonly<Record<Rule, string>> = {
  'outside-call':
    'let a driver do it (bind one to a name of the graph), or allow this file with a reason in the list of allowances',
  'relaxed-simd': 'use the instruction of fixed-width SIMD: relaxed ones may answer differently on another machine',
  'inexact-math':
    'use the function of the graph (fx, or the expansions in graph/elementary), whose bits are the same everywhere',
  'foreign-code': 'declare an assumption of kind unsafe for it, and allow this file with its id',
  'dynamic-code': 'write the code down, or declare an assumption of kind unsafe and allow this file with its id',
  clock: 'use now() in the graph and the driver clock(), or take the time as an argument',
  randomness: 'use randomBytes() in the graph and the driver random(), or take the source as an argument',
  'generated-effect': 'build the artefact again: nothing that Quoin generates does this, so somebody edited it',
  unreadable: 'correct what the parser stumbles over: nothing can be said of a file that cannot be read',
  'unused-allowance': 'remove the allowance: what it allowed is gone, and it would hide the next one',
}
