// Requirements: E16

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { faultyProject, goodProject, quoin } from '../../examples/verify/project.ts'

const folder = mkdtempSync(join(tmpdir(), 'quoin-verify-example-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the project without fault passes: each line of the checklist, with evidence of its kinds', async () => {
  const { code, out, err } = await quoin(await goodProject(join(folder, 'good')), 'verify', '--fast')
  expect([code, err]).toEqual([0, ''])
  expect(out.split('\n').filter((l) => l.startsWith('  ok      '))).toHaveLength(8)
}, 120_000)

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly message: { readonly text: string }
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string }
          readonly region?: { readonly startLine: number }
        }
      }[]
    }[]
  }[]
}

test('of the project with twelve violations each is told once, with its place and what to do', async () => {
  const cwd = await faultyProject(join(folder, 'faulty'))
  const { code, err } = await quoin(cwd, 'verify', '--fast', '--sarif', 'q.sarif')
  expect([code, err]).toEqual([1, expect.stringMatching(/^quoin: 12 of \d+ obligations are not met\n$/)])
  const { results } = (JSON.parse(readFileSync(join(cwd, 'q.sarif'), 'utf8')) as Sarif).runs[0]!
  const told = results.map(({ message, locations }) => {
    const { artifactLocation, region } = locations[0]!.physicalLocation
    return `${artifactLocation.uri}:${region?.startLine ?? ''} ${message.text.replace(/\s+/g, ' ')}`
  })
  const wanted: readonly RegExp[] = [
    /^clock\.ts:3 .*new Date.* Fix: /,
    /^edited\.quoin\/module\.js:\d+ .*module\.js was edited by hand.* Fix: quoin build edited\.ts/,
    /^expired\.ts:14 .*'price\.list' has expired: .* after 2020-12-31.* Fix: look whether it still holds/,
    /^footprint\.ts:9 .*reads blocked, outside what it declares.* Fix: declare \{ reads/,
    /^lib\/rates\.ts:2 .*fetch.* Fix: /,
    /^plan\.ts:15 .*round trips: expected 2, found Infinity \('customer' is asked once for each element\).* Fix: change the graph/,
    /^portable\.ts:7 .*portable.* Fix: /,
    /^random\.ts:3 .*Math\.random.* Fix: /,
    /^shapes\.ts:5 .*needs one shape, but was given f64\[loan\] and f64\[customer\].* Fix: /,
    /^stale\.quoin\/manifest\.json:\d+ .*built from another graph.* Fix: quoin build stale\.ts/,
    /^text\.ts:3 .*Function.* Fix: /,
    /^unbound\.ts:10 .*exported as 'risks', and the graph speaks to 'risk'.* Fix: correct its name/,
  ]
  for (const w of wanted)
    expect(
      told.filter((l) => w.test(l)),
      `${w}\n${told.join('\n')}`,
    ).toHaveLength(1)
  expect(told, told.join('\n')).toHaveLength(wanted.length)
}, 120_000)
