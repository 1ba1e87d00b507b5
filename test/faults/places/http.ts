import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { noPlan } from '../../../runtime/driver.ts'
import { http } from '../../../runtime/drivers/http/index.ts'
import { request } from '../../drivers/calls.ts'
import type { Place } from '../place.ts'

const type = '{id: i32, s: string}'
const one = (key: number) => ({ id: key, s: `s${key}`.repeat(20) })
const many = { method: 'GET', url: '/r', keysIn: 'query', keys: 'id', items: '', key: 'id', most: 100 } as const
const read = (key: number) => request(['/r/', ''], type, [['i32', key]], { mode: 'lookup', many, reads: ['/r*'] })

/** A service on this machine that counts what it was told to do. */
export const httpPlace = async (): Promise<Place> => {
  const written = new Map<number, number>()
  const sockets = new Set<Socket>()
  let server: Server
  const make = (): Server => {
    const made = createServer((from, to) => {
      const parts: Buffer[] = []
      from.on('error', () => undefined)
      from.on('data', (p: Buffer) => parts.push(p))
      from.on('end', () => {
        const url = new URL(from.url!, 'http://x')
        const json = (v: unknown): void =>
          void to.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(v))
        if (from.method === 'POST') {
          const id = Number(Buffer.concat(parts).toString())
          written.set(id, (written.get(id) ?? 0) + 1)
          return json(id)
        }
        const keys = url.searchParams.getAll('id')
        return json(keys.length > 0 ? keys.map((k) => one(Number(k))) : one(Number(url.pathname.slice(3))))
      })
    })
    made.on('connection', (s) => {
      sockets.add(s)
      s.on('error', () => undefined)
      s.on('close', () => sockets.delete(s))
    })
    return made
  }
  const listen = (port: number): Promise<void> => {
    server = make()
    // While nobody listens, the port may be given to somebody else: that is an error to try again after, not silence.
    return new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done))
  }
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done())
      for (const s of sockets) s.resetAndDestroy()
    })
  await listen(0)
  const { port } = server!.address() as AddressInfo
  return {
    name: 'http',
    host: '127.0.0.1',
    port,
    driver: (at, { timeoutMs, max = 4 }) =>
      http({ base: `http://127.0.0.1:${at}`, timeoutMs, connections: max, retry: { baseMs: 2 }, breaker: false }),
    read,
    answer: (key) => ({ _tag: 'Some', value: one(key) }),
    many: (keys) => ({ calls: keys.map(read), plan: noPlan }),
    write: (id) =>
      request(['/w'], 'json', [['i32', id]], {
        method: 'POST',
        body: true,
        idempotent: false,
        reads: [],
        writes: ['*'],
      }),
    again: false,
    happened: async (ids) => new Map(ids.flatMap((id) => (written.has(id) ? [[id, written.get(id)!]] : []))),
    connections: async () => sockets.size,
    stop,
    start: () => listen(port),
    close: stop,
  }
}
