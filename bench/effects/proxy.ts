import type { AddressInfo, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'

/**
 * A process of its own between a client and a PostgreSQL server of this machine. It holds back what the server sends by a
 * fixed time, without limiting how much is under way, and counts: statements (`Query` and `Execute` messages of the
 * protocol) and serial round trips (a request counts one more than the latest answer that had come when it left).
 */
export type Command = { readonly delayMs: number } | 'reset' | 'counts'
export interface Counts {
  readonly statements: number
  readonly roundTrips: number
}

const target = { host: '127.0.0.1', port: Number(process.argv[2]) }
let delayMs = 0
let statements = 0
let latest = 0

/** Counts the statements among messages that may be cut anywhere; the first message of a connection has no type. */
const counter = (): ((data: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  let greeted = false
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    for (;;) {
      const head = greeted ? 1 : 0
      if (rest.length < head + 4) return
      const size = head + rest.readInt32BE(head)
      if (rest.length < size) return
      const type = greeted ? String.fromCharCode(rest[0]!) : ''
      if (type === 'Q' || type === 'E') statements++
      greeted = true
      rest = rest.subarray(size)
    }
  }
}

const server = createServer((client) => {
  const upstream = createConnection(target)
  client.setNoDelay(true)
  upstream.setNoDelay(true)
  const count = counter()
  let left = 0
  client.on('data', (data: Buffer) => {
    left = latest
    count(data)
    upstream.write(data)
  })
  upstream.on('data', (data: Buffer) => {
    const deliver = (): void => {
      latest = Math.max(latest, left + 1)
      client.write(data)
    }
    if (delayMs === 0) deliver()
    else setTimeout(deliver, delayMs)
  })
  const end = (a: Socket, b: Socket): void => {
    a.on('error', () => b.destroy())
    a.on('close', () => b.destroy())
  }
  end(client, upstream)
  end(upstream, client)
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', (command: Command) => {
  if (command === 'reset') [statements, latest] = [0, 0]
  else if (command !== 'counts') delayMs = command.delayMs
  process.send!({ statements, roundTrips: latest } satisfies Counts)
})
process.on('disconnect', () => process.exit())
