import { parentPort } from 'node:worker_threads'

/** A compiler that takes all memory there is. */
parentPort?.on('message', () => {
  const all: unknown[] = []
  for (;;) all.push(new Array(10_000).fill(all.length))
})
