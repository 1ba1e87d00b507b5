import { parentPort } from 'node:worker_threads'

/** A compiler that never comes back. */
parentPort?.on('message', () => {
  parentPort?.postMessage({ stage: 'optimise' })
  for (;;);
})
