import { connect } from 'node:net'
import type { InnerClient } from './engine.ts'

const patience = 2000

/**
 * Asks the server to stop what a connection runs, on a connection of its own as the protocol wants. Done when the server
 * has hung up: from then on nothing that is sent later can be meant by it.
 */
export const cancelRunning = ({ host, port, processID, secretKey }: InnerClient): Promise<void> =>
  new Promise((resolve) => {
    if (processID === null || secretKey === null) return resolve()
    const to = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
    const socket = connect(to, () => {
      const message = Buffer.alloc(16)
      message.writeInt32BE(16, 0)
      message.writeInt32BE(80_877_102, 4)
      message.writeInt32BE(processID, 8)
      message.writeInt32BE(secretKey, 12)
      socket.write(message)
    })
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.resume()
    socket.on('error', () => undefined) // whoever cancels has a time limit of his own, after which he hangs up
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
