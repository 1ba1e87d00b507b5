import { parentPort } from 'node:worker_threads'

/** A compiler that breaks. */
parentPort?.on('message', () => {
  throw new Error('out of luck')
})
