import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixture, quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)
const input = place.write('in.json', '{"shock":0.5,"card":"4111-1111-1111"}')
const run = place.path('run.json')
const graph = fixture('tapped.ts')
let at = ''

beforeAll(async () => {
  const r = await quoin(['run', graph, '-i', input, '--json', '--record', run, '--tap'])
  expect(r.code).toBe(0)
  at = String((JSON.parse(r.out) as { at: number }).at)
  expect(r.err.split('\n').filter((l) => l.startsWith('tap'))).toEqual([
    'tap  who[0] = {"income":50,"email":"ann@example.org"}',
    'tap  ratio[0] = 2.5',
    'tap  who[1] = {"income":80,"email":"bob@example.org"}',
    'tap  ratio[1] = 3.625',
    'tap  who[2] = {"income":50,"email":"ann@example.org"}',
    'tap  ratio[2] = 1.5',
    'tap  all = [2.5,3.625,1.5]',
  ])
})

describe('quoin replay', () => {
  test('gives the same bits from each build, and what the clock said', async () => {
    for (const more of [[], ['--target', 'ts'], ['--no-optimise'], ['--target', 'interpret']])
      expect(await quoin(['replay', run, graph, ...more])).toMatchObject({
        code: 0,
        out: 'same bits: the result is the recorded one, after 5 calls\n',
        err: '',
      })
    const r = await quoin(['replay', run, graph, '--json'])
    expect((JSON.parse(r.out) as { outcome: unknown }).outcome).toMatchObject({ ok: { value: { at: Number(at) } } })
  })
  test('replays an artefact', async () => {
    expect((await quoin(['build', graph, '--out', place.directory, '--target', 'ts'])).code).toBe(0)
    expect(await quoin(['replay', run, place.path('tapped.quoin')])).toMatchObject({ code: 0, err: '' })
    const tap = await quoin(['replay', run, place.path('tapped.quoin'), '--tap'])
    expect(tap).toMatchObject({ code: 2, out: '' })
  })
  test('shows steps and values on the way, and stops where it is told to', async () => {
    const r = await quoin(['replay', run, graph, '--step', '--tap', '--until', 'customer[1]'])
    const lines = r.out.trimEnd().split('\n')
    expect(lines[1]).toMatch(
      /^customer\[0\]\("7"\) → \{"income":50,"email":"ann@example.org"\} {2}dbQuery, .*tapped.ts:13, [\d.]+ ms, asked together$/,
    )
    expect(lines.slice(2, 4)).toEqual(['tap  who[0] = {"income":50,"email":"ann@example.org"}', 'tap  ratio[0] = 2.5'])
    expect(lines.at(-1)).toBe('stopped after 3 calls, as asked; 5 calls recorded')
    const none = await quoin(['replay', run, graph, '--until', 'custmer'])
    expect(none).toMatchObject({ code: 1, out: '' })
    expect(none.err).toContain("no call is 'custmer'")
  })
  test('says what is wrong with file, graph or options, and how to put it right', async () => {
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [['replay', place.path('none.json'), graph], 2, 'there is no file'],
      [['replay', input, graph], 1, "is no recording: its 'format'"],
      [['replay', place.write('half.json', readFileSync(run, 'utf8').slice(0, 900)), graph], 1, 'not JSON'],
      [['replay', run, fixture('loans.ts')], 1, 'recorded from another graph'],
      [['replay', run, graph, '--tap', '--target', 'ts'], 2, '--tap shows values of the graph as written'],
      [['run', graph, '-i', input, '--redact', 'customer'], 2, 'nothing is recorded'],
      [['run', graph, '-i', input, '--record', place.path('no/run.json')], 2, 'there is no directory'],
      [['run', graph, '-i', input, '--record', place.directory], 2, 'that is a directory'],
      [
        ['run', graph, '-i', input, '--record', place.path('x.json'), '--redact', 'customr'],
        1,
        "'customr' is to be redacted",
      ],
    ]
    for (const [args, code, said] of cases) {
      const r = await quoin(args)
      expect(r, args.join(' ')).toMatchObject({ code, out: '' })
      expect(r.err).toContain(said)
      expect(r.err).toContain('fix: ')
    }
  }, 60_000)
  test('finds another answer, to the last bit', async () => {
    const text = readFileSync(run, 'utf8').replace('"ratio":[2.5,', '"ratio":[2.5000000000000004,')
    const r = await quoin(['replay', place.write('other.json', text), graph])
    expect(r).toMatchObject({ code: 1, out: '' })
    expect(r.err).toContain('result.ratio[0] is 2.5, recorded 2.5000000000000004')
  })
  test('keeps what was redacted out of the file, which only its owner may read', async () => {
    const file = place.path('redacted.json')
    const args = ['--record', file, '--redact', 'customer.email', '--redact', 'input.card']
    expect((await quoin(['run', graph, '-i', input, ...args])).code).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(text).not.toMatch(/example\.org|4111/)
    expect(statSync(file).mode & 0o77).toBe(0)
    const r = await quoin(['replay', file, graph])
    expect(r.code).toBe(0)
    expect(r.out).toMatch(/^as recorded, but for what was redacted, after 5 calls\nnote: the input was redacted/)
  })
  test('leaves out what the graph file says, and tells that values on the way are not those of the run', async () => {
    const file = place.path('secret.json')
    const r = await quoin(['run', fixture('secret.ts'), '-i', '-', '--record', file, '--tap', '--json'], {
      input: '{"pin":"sesame-open","x":4}',
    })
    expect(r).toMatchObject({ code: 0, out: '{"pin":"sesame-open","twice":8}\n' })
    expect(r.err).toContain('tap  twice = 8\nnote: the input was redacted')
    expect(readFileSync(file, 'utf8')).not.toContain('sesame')
  })
  test('has the recording of a run that failed', async () => {
    const file = place.path('failed.json')
    const r = await quoin(['run', fixture('fails.ts'), '--record', file])
    expect(r.code).toBe(1)
    expect(await quoin(['replay', file, fixture('fails.ts')])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^same error as recorded, after 1 call: /) as string,
    })
  })
})
