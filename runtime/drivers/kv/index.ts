import type { Assumption } from '../../assumption.ts'
import type { Driver } from '../../driver.ts'
import { node, part } from '../depends.ts'
import { messageOf } from '../failure.ts'
import type { Takes } from '../options.ts'
import { driverOf } from '../options.ts'
import { probed } from '../probing.ts'
import type { StoreOptions } from './driver.ts'
import { storeDriver } from './driver.ts'

export type { Store, StoreOptions } from './driver.ts'
export { storeDriver } from './driver.ts'

export interface KvOptions extends StoreOptions {
  /** The most entries (10,000); the one that was used longest ago makes room. */
  readonly maxEntries?: number
  /** The most bytes of all values together (64 MiB). */
  readonly maxTotalBytes?: number
  /** A monotonic clock in milliseconds, by which entries end. */
  readonly now?: () => number
}

const assumptions: readonly Assumption[] = [
  {
    id: 'kv.forgets',
    kind: 'staleness',
    statement: 'Readers accept that an entry may be gone: its time is over, or newer ones took its room.',
    dependsOn: [node, part('the memory of this process')],
    restsOn: ['monotonic-clock'],
    supports: ['KvGetIsLastSetOrNone'],
    failureMode: 'What was stored is not found, in another process or after a restart never.',
    mitigation: 'The driver never gives an older value than the last one set; keep what must last in a database.',
    probe: { by: 'driver' },
    expiry: { after: '2027-12-31' },
  },
]

/** A key-value store in the memory of this process: least recently used entries go first. */
export const kv = (options?: KvOptions): Driver =>
  driverOf('kv', { kind: 'kv', effects: ['kvGet', 'kvSet', 'kvDelete'] }, options, takes, made)
const takes: Takes<KvOptions> = {
  example: 'kv({ maxEntries: 1000 }), or kv()',
  options: { maxEntries: 'any', maxTotalBytes: 'any', now: 'any', timeoutMs: 'any', maxBytes: 'any', maxBatch: 'any' },
}
const made = (options: KvOptions): Driver => {
  const { maxEntries = 10_000, maxTotalBytes = 64 * 2 ** 20, now = () => performance.now() } = options
  const entries = new Map<string, { readonly value: Uint8Array; readonly until: number }>()
  let total = 0
  const forget = (key: string): void => {
    total -= entries.get(key)?.value.byteLength ?? 0
    entries.delete(key)
  }
  const get = (key: string): Uint8Array | undefined => {
    const e = entries.get(key)
    if (e === undefined) return undefined
    if (e.until <= now()) {
      forget(key)
      return undefined
    }
    // A Map keeps the order of insertion: what was used goes to its end.
    entries.delete(key)
    entries.set(key, e)
    return e.value
  }
  const set = (key: string, value: Uint8Array, ttlMs: number): void => {
    forget(key)
    entries.set(key, { value: Uint8Array.from(value), until: ttlMs === 0 ? Infinity : now() + ttlMs })
    total += value.byteLength
    while (entries.size > maxEntries || total > maxTotalBytes) forget(entries.keys().next().value!)
  }
  /** What is stored is there, what its time is over for is not, and how much room is left. */
  const look = async (): Promise<{ readonly ok: boolean; readonly found: string }> => {
    const used = `${entries.size} of ${maxEntries} entries and ${total} of ${maxTotalBytes} bytes are taken`
    if (entries.size >= maxEntries || total >= maxTotalBytes) return { ok: false, found: used }
    const key = `quoin:probe:${Math.trunc(now())}`
    set(key, Uint8Array.of(), 1)
    const [there, began] = [get(key) !== undefined, now()]
    await new Promise((done) => setTimeout(done, 5))
    const gone = get(key) === undefined
    forget(key)
    const forward = now() > began
    const said =
      there && gone ? 'an entry came and went' : `an entry was ${there ? 'kept beyond its time' : 'not there'}`
    return {
      ok: there && gone && forward,
      found: `${said}, its clock ${forward ? 'goes on' : 'stands or steps back'}; ${used}`,
    }
  }
  const driver = storeDriver(
    {
      get: async (keys) => keys.map(get),
      set: async (key, value, ttlMs) => set(key, value, ttlMs),
      delete: async (key) => forget(key),
      classify: (e, what) => ({
        tag: 'Unknown',
        cause: `${what} failed: ${messageOf(e)}`,
        remedy: 'see the original error',
        original: e,
      }),
      close: async () => entries.clear(),
    },
    assumptions,
    options,
  )
  const fix = 'allow more (maxEntries, maxTotalBytes), or keep what must last elsewhere; `now` must be monotonic'
  return { ...driver, probe: (context) => probed([{ assumption: 'kv.forgets', fix, look }], context) }
}
