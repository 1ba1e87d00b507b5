import { recorded } from './run.ts'

// node verify/self/record.ts npm run lint: runs a command, and keeps how it ended for the gate.
const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  process.stderr.write('record: give a command\n')
  process.exitCode = 2
} else {
  const stopped = new AbortController()
  for (const s of ['SIGINT', 'SIGTERM'] as const) process.once(s, () => stopped.abort())
  const { ok } = await recorded(name, args, stopped.signal, (line) => void process.stdout.write(`${line}\n`))
  process.exitCode = ok ? 0 : 1
}
