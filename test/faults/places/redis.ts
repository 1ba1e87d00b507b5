import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { noPlan } from '../../../runtime/driver.ts'
import { redis } from '../../../runtime/drivers/redis/index.ts'
import { kvGet, kvSet } from '../../drivers/calls.ts'
import { startReal } from '../../drivers/servers/resp.ts'
import { inTime } from '../check.ts'
import type { Place } from '../place.ts'

const read = (key: number) => kvGet(`r${key}`, 'string')
/** The server may just have been killed, and start again; the client of the test may have lost what it had sent. */
const again = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      const got = await inTime(ask(), 1000)
      if (got !== 'hangs') return got
      if (tries === 200) throw new Error('the server does not answer')
    } catch (e) {
      if (tries === 200) throw e
      await sleep(25)
    }
  }
}
const value = (key: number): string => `v${key}`.repeat(20)

export const redisPlace = async (program: string): Promise<Place> => {
  // What was acknowledged survives a crash, so that it can be looked for.
  const server = await startReal(program, ['--appendonly', 'yes', '--appendfsync', 'always'])
  const watcher = createClient({ url: server.url })
  watcher.on('error', () => undefined)
  await watcher.connect()
  for (let key = 0; key < 100; key++) await watcher.set(`r${key}`, value(key))
  return {
    name: 'redis',
    host: '127.0.0.1',
    port: server.port,
    driver: (port, { timeoutMs }) => redis({ url: `redis://127.0.0.1:${port}`, timeoutMs, retry: { baseMs: 2 } }),
    read,
    answer: (key) => ({ _tag: 'Some', value: value(key) }),
    many: (keys) => ({ calls: keys.map(read), plan: noPlan }),
    write: (id) => kvSet(`w${id}`, ['string', `x${id}`]),
    again: true,
    happened: async (ids) => {
      const found = new Map<number, number>()
      for (const id of ids) {
        const held = await again(() => watcher.get(`w${id}`))
        if (held !== null) found.set(id, held === `x${id}` ? 1 : Number.NaN)
      }
      return found
    },
    connections: async () =>
      String(await again(() => watcher.sendCommand(['CLIENT', 'LIST'])))
        .trim()
        .split('\n').length - 1,
    stop: server.stop,
    start: server.start,
    close: async () => {
      watcher.destroy()
      await server.close()
    },
  }
}
