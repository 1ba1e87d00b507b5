import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Interrupted, Trouble } from '../flights/trouble.ts'
import { embedded, tablesIn } from './embedded.ts'
import { runFailing, runJob } from './job.ts'
import type { Place } from './place.ts'
import { failedPage, page } from './report.ts'
import type { Urls } from './servers.ts'

const usage = `npm run orders -- [--servers] [--postgres <url>] [--redis <url>] [--fault rates]
npm run orders -- --tables <file>

  --servers         on PostgreSQL and Redis as well; those that get no URL are started for the run and end with it
  --postgres <url>  yours: the tables are made in a schema of their own, which is dropped in the end
  --redis <url>     yours: two keys are set, and deleted in the end
  --fault rates     the exchange-rate service answers 503: shows the error, and that nothing is written
  --tables <file>   only makes the tables in a new DuckDB file, for quoin check`

interface Wishes {
  readonly urls: Urls | undefined
  readonly fault: boolean
  readonly tables: string | undefined
}
const wishes = (): Wishes | 'help' => {
  const { values } = parseArgs({
    options: {
      servers: { type: 'boolean' },
      postgres: { type: 'string' },
      redis: { type: 'string' },
      fault: { type: 'string' },
      tables: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return 'help'
  if (values.fault !== undefined && values.fault !== 'rates')
    throw new Trouble(`--fault ${values.fault}: what can fail here is 'rates'`)
  const { postgres, redis, servers, tables } = values
  const wanted = servers === true || postgres !== undefined || redis !== undefined
  return { urls: wanted ? { postgres, redis } : undefined, fault: values.fault !== undefined, tables }
}

const watched = process.stderr.isTTY === true
const progress = (doing: string): void => {
  if (watched) process.stderr.write(`\r\x1b[K${doing === '' ? '' : `${doing} …`}`)
}
const hasColors = (): boolean => process.stdout.isTTY === true && process.stdout.hasColors() && !process.env.NO_COLOR

const abort = new AbortController()
const run = async ({ urls, fault }: Wishes): Promise<void> => {
  process.once('SIGINT', () => abort.abort())
  const places: [() => Promise<Place>, ...(() => Promise<Place>)[]] = [() => embedded(fault)]
  if (urls !== undefined) {
    const { missing, servers } = await import('./servers.ts')
    const lack = missing(urls)
    if (lack !== undefined) throw new Trouble(lack)
    places.push(() => servers(urls, fault))
  }
  if (fault) {
    const failed = []
    for (const place of places) failed.push(await runFailing(place, abort.signal))
    console.log(failedPage(failed, hasColors()))
    if (failed.some((f) => f.rows > 0)) process.exitCode = 1
    return
  }
  const outcome = await runJob(places, abort.signal, progress)
  progress('')
  console.log(page(outcome, hasColors()))
  if (!outcome.same) process.exitCode = 1
}

const fail = (message: string, code: number): void => {
  progress('')
  console.error(message)
  process.exitCode = code
}
try {
  const wanted = wishes()
  if (wanted === 'help') console.log(usage)
  else if (wanted.tables !== undefined) await tablesIn(wanted.tables)
  else await run(wanted)
} catch (e) {
  // Ctrl+C may have met a program that was waited for: it is told a little later.
  await sleep(20)
  if (e instanceof Interrupted) fail('interrupted; nothing was left behind', 130)
  // Ctrl+C ends servers that were started for the run as well, and what is asked of them then fails.
  else if (e instanceof Trouble && abort.signal.aborted) fail(`interrupted; ${e.message}`, 130)
  else if (e instanceof Trouble) fail(e.message, 1)
  else if (e instanceof TypeError && 'code' in e && String(e.code).startsWith('ERR_PARSE_ARGS'))
    fail(`${e.message}\n\n${usage}`, 2)
  else fail(`this should not happen; please report it: ${e instanceof Error ? e.message : String(e)}`, 1)
}
