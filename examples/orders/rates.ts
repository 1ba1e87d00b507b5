import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rates } from './data.ts'

/** The exchange-rate service that ships with the example. */
export interface RateService {
  readonly base: string
  /** How many requests have come. */
  readonly requests: () => number
  readonly close: () => Promise<void>
}

const known = (currency: string) => (Object.hasOwn(rates, currency) ? [{ currency, rate: rates[currency]! }] : [])

/**
 * `GET /rates/USD` gives one rate, or 404; `GET /rates?currency=USD&currency=GBP` gives those it has. A service that
 * `fails` answers 503 to everything. It keeps no process alive.
 */
export const rateService = async (fails = false): Promise<RateService> => {
  let requests = 0
  const say = (to: ServerResponse, status: number, body: unknown): void =>
    void to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const server = createServer((from, to) => {
    requests++
    const url = new URL(from.url ?? '/', 'http://localhost')
    const [, place, one, ...more] = url.pathname.split('/')
    if (fails) return say(to, 503, { error: 'no rates today' })
    if (from.method !== 'GET' || place !== 'rates' || more.length > 0) return say(to, 404, { error: 'no such place' })
    if (one === undefined) return say(to, 200, url.searchParams.getAll('currency').flatMap(known))
    const [found] = known(one)
    return found === undefined ? say(to, 404, { error: 'no such currency' }) : say(to, 200, found)
  })
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', done)
  })
  server.unref()
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
