import { parentPort } from 'node:worker_threads'

/** A compiler that goes away. */
parentPort?.on('message', () => process.exit(3))
