// Requirements: E7

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { files } from '../../runtime/drivers/files/index.ts'
import { bad, calm, fileWrite } from './calls.ts'

// A disk that does not come back from giving a file its new name.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  rename: () => new Promise(() => {}),
}))

test('a file whose new name was being given when its time was over may hold what was written', async () => {
  const root = mkdtempSync(join(tmpdir(), 'quoin-stuck-'))
  try {
    const late = await files({ root, timeoutMs: 20 }).perform(fileWrite('a.txt', 'x'), calm)
    expect(bad(late)).toMatchObject({ _tag: 'Timeout', outcome: 'unknown' })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 300)
    const given = await files({ root }).perform(fileWrite('a.txt', 'x'), { ...calm, signal: stop.signal })
    expect(bad(given)).toMatchObject({ _tag: 'Unknown', outcome: 'unknown' })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
