import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** Stands before a server: counts how often a client waits, and cuts connections off where a test wants. */
export interface Gate {
  readonly port: number
  /** Called with what a client sends; `cut` ends the connection before the server has it. */
  onSend: ((chunk: Buffer) => 'cut' | undefined) | undefined
  /** Called with what the server sends; `cut` ends the connection before the client has it. */
  onReceive: ((chunk: Buffer) => 'cut' | undefined) | undefined
  /** How many connections were made. */
  readonly connections: () => number
  /** How often a client waited: chunks that it sent after the server had answered everything before. */
  readonly turns: () => number
  readonly close: () => Promise<void>
}

export const gateBefore = async (to: { readonly host: string; readonly port: number }): Promise<Gate> => {
  const open = new Set<Socket>()
  let made = 0
  let turns = 0
  let serverSpokeLast = true
  const server = createServer((near) => {
    made++
    const far = connect(to)
    const cut = (): void => {
      near.destroy()
      far.destroy()
    }
    for (const s of [near, far]) {
      open.add(s)
      s.setNoDelay(true)
      s.on('error', () => undefined)
      s.on('close', () => {
        open.delete(s)
        cut()
      })
    }
    near.on('data', (chunk: Buffer) => {
      if (me.onSend?.(chunk) === 'cut') return cut()
      if (serverSpokeLast) turns++
      serverSpokeLast = false
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (me.onReceive?.(chunk) === 'cut') return cut()
      serverSpokeLast = true
      near.write(chunk)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const me: Gate = {
    port: (server.address() as AddressInfo).port,
    onSend: undefined,
    onReceive: undefined,
    connections: () => made,
    turns: () => turns,
    close: async () => {
      for (const s of open) s.destroy()
      await new Promise((done) => server.close(done))
    },
  }
  return me
}
