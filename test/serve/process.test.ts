// Requirements: E15

import { afterAll, expect, test } from 'vitest'
import { encodeGraph } from '../../graph/json.ts'
import { graph, t } from '../../index.ts'
import { begin, quoin, scratch } from '../cli/quoin.ts'

const place = scratch()
afterAll(place.remove)
const source = (factor: number): string => {
  const g = graph('times', { x: t.f64 }, ({ x }) => ({ y: x.mul(factor) }))
  if (g.sealed._tag === 'Left') throw new Error(g.sealed.left.cause)
  return JSON.stringify(encodeGraph(g.sealed.right))
}

test('quoin serve answers, follows its file, and goes away in peace; quoin top looks at it', {
  timeout: 60_000,
}, async () => {
  const file = place.write('times.json', source(2))
  const server = begin(['serve', file, '--port', '0', '--watch'])
  const address = await new Promise<string>((found) => {
    server.heard((text) => {
      const m = /at (http:\S+)/.exec(text)
      if (m !== null) found(m[1]!)
    })
  })
  const ask = async (): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${address}/graphs/times`, { method: 'POST', body: '{"x": 21}', headers })).json()
  }
  expect(await ask()).toEqual({ y: 42 })
  const looked = await quoin(['top', address])
  expect(looked).toMatchObject({ code: 0, err: '' })
  expect(looked.out).toMatch(/^graph .*\ntimes +1 +interpreter +0 +1 /)
  place.write('times.json', source(3))
  await server.said('times is version 2')
  expect(await ask()).toEqual({ y: 63 })
  place.write('times.json', 'this is no graph')
  await server.said('is not served')
  expect(await ask()).toEqual({ y: 63 })
  server.interrupt()
  expect(await server.ended).toMatchObject({ code: 0, signal: null })
  expect((await quoin(['top', address])).err).toContain('nobody answers')
})
test('what is wrong is said before anything listens', { timeout: 60_000 }, async () => {
  const file = place.write('once.json', source(1))
  const [twice, port, odd] = await Promise.all([
    quoin(['serve', file, file]),
    quoin(['serve', file, '--port', 'x']),
    quoin(['serve', file, '--db', 'nobody=:memory:']),
  ])
  expect([twice.code, port.code, odd.code]).toEqual([2, 2, 2])
  expect(twice.err).toContain("two graphs are called 'times'")
  expect(odd.err).toContain("--db binds 'nobody', which no graph asks")
})
