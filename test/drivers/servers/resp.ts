import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RespServer {
  readonly url: string
  /** Commands as they arrived, without those by which clients introduce themselves. */
  readonly commands: readonly (readonly string[])[]
  /** What to answer instead, raw; undefined to answer as usual, null never to answer. */
  instead: (command: readonly string[], socket: Socket) => string | null | undefined
  readonly close: () => Promise<void>
}

const bulk = (b: Buffer | undefined, three: boolean): Buffer =>
  b === undefined
    ? Buffer.from(three ? '_\r\n' : '$-1\r\n')
    : Buffer.concat([Buffer.from(`$${b.length}\r\n`), b, Buffer.from('\r\n')])

/** One command at the start of a buffer (RESP: an array of bulk strings), and where the next begins. */
const command = (b: Buffer): { readonly parts: readonly Buffer[]; readonly end: number } | undefined => {
  const line = (from: number): readonly [number, number] | undefined => {
    const end = b.indexOf('\r\n', from)
    return end < 0 ? undefined : [Number(b.toString('latin1', from + 1, end)), end + 2]
  }
  const head = line(0)
  if (head === undefined) return undefined
  const parts: Buffer[] = []
  let at = head[1]
  for (let i = 0; i < head[0]; i++) {
    const size = line(at)
    if (size === undefined || b.length < size[1] + size[0] + 2) return undefined
    parts.push(b.subarray(size[1], size[1] + size[0]))
    at = size[1] + size[0] + 2
  }
  return { parts, end: at }
}

/** A small server of the Redis protocol in this process: strings with times to live, nothing else. */
export const respServer = async (): Promise<RespServer> => {
  const values = new Map<string, { readonly value: Buffer; readonly until: number }>()
  const commands: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  const get = (key: string): Buffer | undefined => {
    const e = values.get(key)
    return e !== undefined && e.until > performance.now() ? e.value : undefined
  }
  const run = (parts: readonly Buffer[], three: boolean): Buffer => {
    const [name = '', key = ''] = parts.map(String)
    switch (name.toUpperCase()) {
      case 'GET':
        return bulk(get(key), three)
      case 'MGET':
        return Buffer.concat([
          Buffer.from(`*${parts.length - 1}\r\n`),
          ...parts.slice(1).map((k) => bulk(get(String(k)), three)),
        ])
      case 'SET': {
        const ttl = String(parts[3]).toUpperCase() === 'PX' ? Number(parts[4]) : Infinity
        values.set(key, { value: Buffer.from(parts[2]!), until: performance.now() + ttl })
        return Buffer.from('+OK\r\n')
      }
      case 'DEL':
        return Buffer.from(`:${values.delete(key) ? 1 : 0}\r\n`)
      case 'HELLO':
        return Buffer.from('%0\r\n')
      case 'CLIENT':
        return Buffer.from('+OK\r\n')
      case 'PING':
        return Buffer.from('+PONG\r\n')
      default:
        return Buffer.from(`-ERR unknown command '${name}'\r\n`)
    }
  }
  const server = createServer((s) => {
    sockets.add(s)
    let rest = Buffer.alloc(0)
    let three = false
    s.on('error', () => {})
    s.on('close', () => sockets.delete(s))
    s.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      for (let c = command(rest); c !== undefined; c = command(rest)) {
        rest = rest.subarray(c.end)
        const texts = c.parts.map(String)
        three ||= texts[0] === 'HELLO' && texts[1] === '3'
        const introduces = texts[0] === 'CLIENT' || texts[0] === 'HELLO'
        if (!introduces) commands.push(texts)
        const other = introduces ? undefined : test.instead(texts, s)
        if (other === null) continue
        s.write(other === undefined ? run(c.parts, three) : Buffer.from(other))
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const test: RespServer = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commands,
    instead: () => undefined,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const s of sockets) s.destroy()
      }),
  }
  return test
}

/** A Redis or Valkey server of this machine: named by QUOIN_REDIS_SERVER, or found on the path. */
export const realServer = (): string | undefined => {
  const named = process.env.QUOIN_REDIS_SERVER
  const names = named === undefined ? ['redis-server', 'valkey-server'] : [named]
  return names.find((n) => spawnSync(n, ['--version']).status === 0)
}
export interface RealServer {
  readonly url: string
  readonly port: number
  /** Ends it at once, as a crash does. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}
/** Starts it on a free port; what it holds goes with it, unless `more` says that it is kept. */
export const startReal = async (program: string, more: readonly string[] = []): Promise<RealServer> => {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  const dir = mkdtempSync(join(tmpdir(), 'quoin-redis-'))
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const s = createConnection(port, '127.0.0.1', () => resolve(s.destroy() !== undefined))
      s.on('error', () => resolve(false))
    })
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir, ...more], {
      stdio: 'ignore',
    })
    const now = child
    const gone = (): boolean => now.exitCode !== null || now.signalCode !== null
    for (let i = 0; i < 200 && !gone() && !(await answers()); i++) await new Promise((r) => setTimeout(r, 50))
    if (gone()) throw new Error(`${program} ended with ${now.exitCode ?? now.signalCode}`)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((done) => running.once('exit', done))
    running.kill(signal)
    await ended
  }
  const kill = (): void => void child?.kill('SIGKILL')
  // A test process that ends early must not leave a server behind.
  process.on('exit', kill)
  try {
    await start()
  } catch (e) {
    process.off('exit', kill)
    rmSync(dir, { recursive: true, force: true })
    throw e
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: () => end('SIGKILL'),
    start,
    close: async () => {
      await end('SIGTERM')
      process.off('exit', kill)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
