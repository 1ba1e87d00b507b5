import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** Which bytes a fault counts: those that the client sends, or those that the server answers. */
export type Way = 'up' | 'down'

/** What goes wrong on a connection, as data, so that a failure can be written down and played again. */
export type Fault =
  /** After so many bytes the client is told that the connection was reset; what had passed reaches the server. */
  | { readonly fault: 'reset'; readonly way: Way; readonly after: number }
  /** After so many bytes the connection ends as if all had been said. */
  | { readonly fault: 'truncate'; readonly way: Way; readonly after: number }
  /** After so many bytes nothing passes any more, and nobody is told. */
  | { readonly fault: 'stall'; readonly way: Way; readonly after: number }
  /** The first chunk of an answer that begins after so many bytes comes twice. */
  | { readonly fault: 'twice'; readonly way: 'down'; readonly after: number }
  /** The server hears that the client has nothing more to say, though it has. */
  | { readonly fault: 'half-close'; readonly way: 'up'; readonly after: number }
  /** Everything is late. */
  | { readonly fault: 'late'; readonly way: Way; readonly ms: number }
  /** Everything comes in pieces of a few bytes. */
  | { readonly fault: 'pieces'; readonly way: Way; readonly size: number }
  /** The connection is refused as soon as it is there. */
  | { readonly fault: 'refuse' }

/** The fault of each connection by its number; none: it works. */
export type Script = (connection: number) => Fault | undefined

export interface FaultyProxy {
  readonly port: number
  script: Script
  /** Connections that are open now on the side of the client. */
  readonly open: () => number
  readonly made: () => number
  /** Bytes that have passed on each connection. */
  readonly passed: () => readonly { readonly up: number; readonly down: number }[]
  /** Begins to count connections anew; those that are there are ended. */
  readonly again: (script: Script) => Promise<void>
  readonly close: () => Promise<void>
}

/** Stands before nothing. */
export const noProxy = (): FaultyProxy => ({
  port: 0,
  script: () => undefined,
  open: () => 0,
  made: () => 0,
  passed: () => [],
  again: () => Promise.resolve(),
  close: () => Promise.resolve(),
})

/** Stands before a server and spoils what passes. */
export const proxyBefore = async ({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<FaultyProxy> => {
  const near = new Set<Socket>()
  const all = new Set<Socket>()
  let passed: { up: number; down: number }[] = []
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const fault = me.script(passed.length)
    const counts = { up: 0, down: 0 }
    passed.push(counts)
    client.on('error', () => undefined)
    if (fault?.fault === 'refuse') return reset(client)
    const far = connect({ host, port, allowHalfOpen: true })
    near.add(client)
    for (const s of [client, far]) {
      all.add(s)
      s.setNoDelay(true)
      s.on('error', () => undefined)
      s.on('close', () => {
        near.delete(s)
        all.delete(s)
      })
    }
    // A side that is gone takes the other with it, but not what is still on its way there.
    client.on('close', () => far.end())
    far.on('close', () => {
      if (fault?.fault !== 'stall') client.end()
      else if (client.readableEnded) client.destroy()
    })
    const ends = { client, far, stalled: false }
    pass(client, far, 'up', fault, counts, ends)
    pass(far, client, 'down', fault, counts, ends)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const me: FaultyProxy = {
    port: (server.address() as AddressInfo).port,
    script: () => undefined,
    open: () => near.size,
    made: () => passed.length,
    passed: () => passed,
    again: async (script) => {
      await gone(all)
      passed = []
      me.script = script
    },
    close: async () => {
      for (const s of all) s.destroy()
      await new Promise((done) => server.close(done))
    },
  }
  return me
}
/** One that is ending cannot be reset: the attempt is an error after which it never says that it is closed. */
export const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
const gone = async (sockets: ReadonlySet<Socket>): Promise<void> => {
  await Promise.all([...sockets].map((s) => new Promise((done) => s.once('close', done).destroy())))
}

interface Ends {
  readonly client: Socket
  readonly far: Socket
  /** Nothing passes any more. */
  stalled: boolean
}
const pass = (
  from: Socket,
  to: Socket,
  way: Way,
  fault: Fault | undefined,
  counts: { up: number; down: number },
  ends: Ends,
): void => {
  const { client, far } = ends
  const mine = fault !== undefined && 'way' in fault && fault.way === way ? fault : undefined
  let over = false
  let doubled = false
  // What follows waits for what is before it, so that late and cut bytes keep their order.
  let before: Promise<unknown> = Promise.resolve()
  const later = (work: () => unknown): void => {
    before = before.then(work)
  }
  const write = (bytes: Buffer): Promise<void> =>
    new Promise((done) => {
      if (bytes.length === 0 || to.destroyed || to.writableEnded) return done()
      // Also called, with an error, when the connection ends before.
      to.write(bytes, () => done())
    })
  const happens = (): void => {
    if (mine?.fault === 'reset') {
      reset(client)
      far.end()
    } else if (mine?.fault === 'truncate') {
      client.end()
      far.end()
      setTimeout(() => client.destroy(), 50).unref()
    } else if (mine?.fault === 'half-close') to.end()
    else if (mine?.fault === 'stall') {
      ends.stalled = true
      if (client.readableEnded) ended()
    }
  }
  const one = async (chunk: Buffer): Promise<void> => {
    if (over) return
    if (mine?.fault === 'late') await new Promise((done) => setTimeout(done, mine.ms))
    const at = counts[way]
    if (mine !== undefined && 'after' in mine && mine.fault !== 'twice' && at + chunk.length >= mine.after) {
      over = true
      counts[way] = mine.after
      await write(chunk.subarray(0, mine.after - at))
      return happens()
    }
    counts[way] += chunk.length
    if (mine?.fault === 'pieces') {
      for (let i = 0; i < chunk.length; i += mine.size) {
        await write(chunk.subarray(i, i + mine.size))
        await new Promise((done) => setImmediate(done))
      }
      return
    }
    await write(chunk)
    if (mine?.fault === 'twice' && !doubled && at >= mine.after) {
      doubled = true
      await write(chunk)
    }
  }
  const ended = (): void => {
    client.destroy()
    far.destroy()
  }
  from.on('data', (chunk: Buffer) => {
    from.pause()
    later(async () => {
      await one(chunk)
      from.resume()
    })
  })
  from.on('end', () => {
    // Who hangs up on a line that is dead, or whose server was killed, has nothing to wait for.
    if ((ends.stalled || far.destroyed) && way === 'up') ended()
    else later(() => (over ? undefined : to.end()))
  })
}
