import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runJob } from './job.ts'
import { jsonReport, page } from './report.ts'
import { Interrupted, Trouble } from './trouble.ts'

const usage = `npm start -- [--json] [--out <directory>]

  --json  print one JSON object and nothing else
  --out   where flights-report.json is written (the working directory)`

interface Wishes {
  readonly json: boolean
  readonly out: string
}
const wishes = (): Wishes | 'help' => {
  const options = { json: { type: 'boolean' }, out: { type: 'string' }, help: { type: 'boolean' } } as const
  const { json = false, out = '.', help = false } = parseArgs({ options }).values
  return help ? 'help' : { json, out: resolve(out) }
}

/** Found out before any work, not after. */
const checkOut = async (out: string): Promise<void> => {
  const found = await stat(out).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new Trouble(`${out} is no directory: create it, or give another one with --out`)
  await access(out, constants.W_OK).catch(() => {
    throw new Trouble(`nothing can be written into ${out}: give another directory with --out`)
  })
}

const watched = process.stderr.isTTY === true
const progress = (doing: string): void => {
  if (watched) process.stderr.write(`\r\x1b[K${doing === '' ? '' : `${doing} …`}`)
}
const hasColors = (): boolean => process.stdout.isTTY === true && process.stdout.hasColors() && !process.env.NO_COLOR

const run = async ({ json, out }: Wishes): Promise<void> => {
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort())
  await checkOut(out)
  const outcome = await runJob({ out, signal: abort.signal, progress })
  progress('')
  const file = relative(process.cwd(), join(out, 'flights-report.json'))
  console.log(json ? jsonReport(outcome) : page(outcome, file, hasColors()))
  if (!outcome.identicalBits) process.exitCode = 1
}

const fail = (message: string, code: number): void => {
  progress('')
  console.error(message)
  process.exitCode = code
}
try {
  const wanted = wishes()
  if (wanted === 'help') console.log(usage)
  else await run(wanted)
} catch (e) {
  if (e instanceof Interrupted) fail('interrupted; nothing was left behind', 130)
  else if (e instanceof Trouble) fail(e.message, 1)
  else if (e instanceof TypeError && 'code' in e && String(e.code).startsWith('ERR_PARSE_ARGS'))
    fail(`${e.message}\n\n${usage}`, 2)
  else fail(`this should not happen; please report it: ${e instanceof Error ? e.message : String(e)}`, 1)
}
