import { left } from '../../graph/either.ts'
import { Disk } from '../../runtime/engine/disk.ts'

/**
 * A process that writes entries into a cache until it is killed, or as many as it is told: `writer.ts directory count
 * seed`. Says a line for each entry that it compiled, before that is written.
 */
const [directory = '', count = '0', seed = '0'] = process.argv.slice(2)
const disk = new Disk({ directory, maxBytes: 1e9, patienceMs: 5000 }, undefined)
for (let i = 0; i < Number(count); i++) {
  const key = `key${i + Number(seed)}`
  const r = await disk.codeFor(key, async () => {
    process.stdout.write(`${key}\n`)
    await new Promise((done) => setTimeout(done, i % 3))
    const code = { module: key.repeat(2000), wasm: new Uint8Array(20_000).fill(key.length) }
    return { _tag: 'Right', right: { code, from: 'compiler' } }
  })
  if (r._tag === 'Left') throw new Error(JSON.stringify(left(r.left)))
}
