import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

export interface PostgresServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly url: string
  readonly pid: () => number
  /** Stops it at once, as a crash does, and starts it again on the same data. */
  readonly restart: (signal?: NodeJS.Signals) => Promise<void>
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The folder with the programs of PostgreSQL: named by QUOIN_POSTGRES_BIN, Debian's, or that of `pg_config`. */
export const postgresBin = (): string | undefined => {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const config = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  const named = process.env.QUOIN_POSTGRES_BIN
  const folders =
    named === undefined
      ? [...versions.map((v) => join(debian, v, 'bin')), ...(config.status === 0 ? [config.stdout.trim()] : [])]
      : [named]
  return folders.find((f) => existsSync(join(f, 'initdb')) && existsSync(join(f, 'postgres')))
}
export const noPostgres =
  'no PostgreSQL server is on this machine (QUOIN_POSTGRES_BIN names the folder of its programs): skipped\n'

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
const runAs = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => {
    const found = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    return found.status === 0 ? Number(found.stdout) : 65534
  }
  return { uid: id('-u'), gid: id('-g') }
}

/** A cluster that lives as long as a test file: own folder, free port of this machine, nothing synced to the disk. */
export const startPostgres = async (
  bin: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> => {
  const as = runAs()
  const dir = mkdtempSync(join(tmpdir(), 'quoin-postgres-'))
  if (as.uid !== undefined) chownSync(dir, as.uid, as.gid!)
  const data = join(dir, 'data')
  const user = 'quoin'
  const init = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
    { ...as, encoding: 'utf8', cwd: dir },
  )
  const away = (): void => rmSync(dir, { recursive: true, force: true })
  if (init.status !== 0) {
    away()
    throw new Error(`initdb: ${init.stderr}`)
  }
  const port = await freePort()
  const flags = Object.entries({
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: dir,
    fsync: 'off',
    full_page_writes: 'off',
    ...settings,
  }).flatMap(([k, v]) => ['-c', `${k}=${v}`])

  let child: ChildProcess | undefined
  const kill = (): void => void child?.kill('SIGQUIT')
  const start = async (): Promise<void> => {
    child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...as, cwd: dir, stdio: 'ignore' })
    for (let i = 0; i < 600; i++) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`postgres ended with ${child.exitCode ?? child.signalCode}`)
      // Whoever has the port for a moment may take a connection and say nothing.
      const client = new Client({ host: '127.0.0.1', port, user, database: 'postgres', connectionTimeoutMillis: 1000 })
      client.on('error', () => {})
      const up = await client.connect().then(
        () => true,
        () => false,
      )
      await client.end().catch(() => undefined)
      if (up) return
      await new Promise((r) => setTimeout(r, 25))
    }
    throw new Error('postgres did not answer within 15 s')
  }
  const stop = async (signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((done) => running.once('exit', done))
    running.kill(signal)
    await ended
  }
  // A test process that ends early must not leave a server behind.
  process.on('exit', kill)
  await start().catch(async (e) => {
    await stop()
    process.off('exit', kill)
    away()
    throw e
  })
  return {
    host: '127.0.0.1',
    port,
    user,
    database: 'postgres',
    url: `postgres://${user}@127.0.0.1:${port}/postgres`,
    pid: () => child!.pid!,
    restart: async (signal) => {
      await stop(signal)
      await start()
    },
    stop,
    start,
    close: async () => {
      await stop()
      process.off('exit', kill)
      away()
    },
  }
}

const freePort = async (): Promise<number> => {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
