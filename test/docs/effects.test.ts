import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/effects.md`, 'utf8')

test('the example of rows in chunks prints what the page says', async () => {
  const code = /```ts\n(\/\/ chunks\n[\s\S]*?)```/.exec(page)![1]!
  const said = /```text\n([\s\S]*?)```/.exec(page)![1]!
  const args = ['--conditions=quoin-source', '--input-type=module-typescript', '-e', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  expect(stdout).toBe(said)
})
