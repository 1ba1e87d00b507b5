import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)![1]!

test('the example prints what the README says', async () => {
  const code = block('ts')
  const args = ['--conditions=quoin-source', '--input-type=module-typescript', '-e', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  })
  expect(stdout).toBe(block('text'))
})
test('it is about twenty lines', () => expect(block('ts').trim().split('\n').length).toBeLessThanOrEqual(22))
test('its links lead somewhere', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((m) => m[1]!)
  expect(links.filter((path) => !existsSync(root + path))).toEqual([])
})
test('its commands are scripts of the package', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map((m) => m[1]!)
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
})
