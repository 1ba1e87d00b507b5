import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What a request looked like when it arrived. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly socket: Socket
}
export interface TestServer {
  readonly base: string
  readonly seen: readonly Seen[]
  /** Connections that are open now, and how many there have been. */
  readonly sockets: { readonly open: ReadonlySet<Socket>; readonly ever: number }
  answer: (seen: Seen, to: ServerResponse) => void
  readonly close: () => Promise<void>
}

/** A server on this machine whose answers a test decides. */
export const httpServer = async (answer: TestServer['answer']): Promise<TestServer> => {
  const seen: Seen[] = []
  const open = new Set<Socket>()
  let ever = 0
  const server: Server = createServer((from, to) => {
    const parts: Buffer[] = []
    from.on('data', (p: Buffer) => parts.push(p))
    from.on('error', () => {})
    from.on('end', () => {
      const { method = '', url = '', headers, socket } = from
      const one = { method, url, headers, body: Buffer.concat(parts), socket }
      seen.push(one)
      test.answer(one, to)
    })
  })
  server.on('connection', (s) => {
    ever++
    open.add(s)
    s.on('error', () => {})
    s.on('close', () => open.delete(s))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const test: TestServer = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    sockets: {
      open,
      get ever() {
        return ever
      },
    },
    answer,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const s of open) s.destroy()
      }),
  }
  return test
}
export const json = (to: ServerResponse, value: unknown, status = 200): void =>
  void to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
