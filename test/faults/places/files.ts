import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { noPlan } from '../../../runtime/driver.ts'
import { files } from '../../../runtime/drivers/files/index.ts'
import { fileRead, fileWrite } from '../../drivers/calls.ts'
import type { Place } from '../place.ts'

/** Large enough that a limit may end it in its middle. */
const content = (id: number): string => `${id} `.repeat(id % 3 === 0 ? 2_000_000 : 20)
const value = (key: number): string => `v${key}`.repeat(key % 4 === 0 ? 500_000 : 20)

export const filesPlace = async (): Promise<Place> => {
  const root = mkdtempSync(join(tmpdir(), 'quoin-faults-'))
  for (let key = 0; key < 100; key++) writeFileSync(join(root, `r${key}`), value(key))
  const read = (key: number) => fileRead(`r${key}`, 'string', 1e9)
  return {
    name: 'files',
    embedded: true,
    host: '',
    port: 0,
    driver: (_, { timeoutMs }) => {
      const driver = files({ root, timeoutMs })
      // Files are read one by one.
      const performMany: NonNullable<typeof driver.performMany> = async ({ calls }, context) => ({
        answers: await Promise.all(calls.map((c) => driver.perform(c, context))),
        roundTrips: calls.length,
      })
      return { ...driver, performMany }
    },
    read,
    answer: value,
    many: (keys) => ({ calls: keys.map(read), plan: noPlan }),
    write: (id) => fileWrite(`w${id}`, content(id)),
    again: true,
    happened: async (ids) => {
      const found = new Map<number, number>()
      for (const id of ids) {
        const held = await readFile(join(root, `w${id}`), 'utf8').catch(() => undefined)
        if (held !== undefined) found.set(id, held === content(id) ? 1 : Number.NaN)
        rmSync(join(root, `w${id}`), { force: true })
      }
      return found
    },
    /** Temporary files of nobody count as what was left open. */
    connections: async () => {
      const left = async (): Promise<number> => (await readdir(root)).filter((n) => n.endsWith('.tmp')).length
      for (let i = 0; i < 100 && (await left()) > 0; i++) await sleep(20)
      const n = await left()
      await sleep(1) // in the turn in which it is answered, a request still counts as open
      return n
    },
    stop: () => Promise.resolve(),
    start: () => Promise.resolve(),
    close: async () => rmSync(root, { recursive: true, force: true }),
  }
}
