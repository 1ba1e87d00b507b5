// Requirements: E5 E12

import {
  assert,
  attempt,
  cached,
  compile,
  decodeJson,
  failing,
  files,
  fx,
  graph,
  load,
  now,
  randomBytes,
  row,
  sql,
  t,
  world,
  writeLog,
} from 'quoin'
import { describe, expect, test } from 'vitest'
import type { Compiled } from '../../compile.ts'
import type { Built } from '../../graph/build/index.ts'
import type { Either } from '../../graph/either.ts'
import type { EffectErrorTag, QuoinError } from '../../graph/errors.ts'
import { describeError, effectErrors } from '../../graph/errors.ts'
import type { Driver } from '../../runtime/driver.ts'

/** Every way in which a run ends badly is a value with a place, a cause and a remedy, and this is what it says. */
const done = async <I, O>(g: Built<I, O>): Promise<Compiled<I, O>> => {
  const c = await compile(g, { target: 'ts' })
  if (c._tag === 'Left') throw new Error(describeError(c.left))
  return c.right
}
const told = (r: Either<QuoinError, unknown>): string =>
  r._tag === 'Left'
    ? describeError(r.left).replace(/[\w./-]*run\.test\.ts:\d+/, 'run.test.ts:LINE')
    : `an answer: ${JSON.stringify(r.right)}`

const one = graph('one', { id: t.i64 }, ({ id }) => ({
  who: sql('main').one('person', row({ name: t.string }))`select name from person where id = ${id}`,
}))

describe('each error of an effect reaches the caller with its name and line', () => {
  test.each(effectErrors.dbQuery)('%s', async (tag: EffectErrorTag) => {
    const r = await world(await done(one))
      .answerBy('person', () => failing(tag))
      .run({ id: 1n })
    expect(r._tag === 'Left' ? r.left._tag : r).toBe(tag)
    expect(told(r)).toBe(
      `${tag}: run.test.ts:LINE 'person': dbQuery as the test asked\n  fix: change the answer of the test world`,
    )
  })
  test('a row that does not fit', async () => {
    const r = await world(await done(one))
      .answer('person', { name: 7 })
      .run({ id: 1n })
    expect(told(r)).toMatch(
      /^Decode: run\.test\.ts:LINE 'person': dbQuery the test's answer to 'person' does not fit: /,
    )
  })
  test('no row where there must be one', async () => {
    const r = await world(await done(one))
      .answer('person', null)
      .run({ id: 1n })
    expect(told(r)).toBe(
      "NoRow: run.test.ts:LINE 'person': dbQuery 'person' found no row\n  fix: use maybe where a row may be missing",
    )
  })
  test('an answer that throws', async () => {
    const w = world(await done(one)).answerBy('person', () => {
      throw new Error('oops')
    })
    expect(told(await w.run({ id: 1n }))).toContain(
      "Unknown: run.test.ts:LINE 'person': dbQuery the test's answer to 'person' threw: oops",
    )
  })
  test('a query without an answer', async () => {
    const r = await world(await done(one)).run({ id: 1n })
    expect(told(r)).toContain("the test world has no answer to 'person'")
  })
})

const asking = (over: Partial<Driver>): Driver => ({
  kind: 'sql',
  effects: ['dbQuery', 'fileWrite', 'nowMs', 'randomBytes', 'logLine'],
  assumptions: [],
  perform: () => new Promise(() => undefined),
  close: () => Promise.resolve(),
  ...over,
})
const loaded = async <I, O>(g: Built<I, O>, drivers: Record<string, Driver>) => {
  const l = await load(await done(g), drivers)
  if (l._tag === 'Left') throw new Error(describeError(l.left))
  return l.right
}
/** A driver that answers only when it is told to stop. */
const patient = asking({
  perform: (call, { signal }) =>
    new Promise((answer) => {
      signal.addEventListener('abort', () =>
        answer({
          _tag: 'Left',
          left: {
            _tag: 'Timeout',
            effect: 'dbQuery',
            node: '',
            place: '',
            occurrence: call.attrs.occurrence,
            iteration: [],
            cause: 'stopped',
            remedy: 'none',
          },
        }),
      )
    }),
})

describe('a run', () => {
  test('that takes too long', async () => {
    const l = await loaded(one, { main: patient })
    expect(told(await l.run({ id: 1n }, { deadlineMs: 20 }))).toBe(
      'ResourceExceeded: the run took longer than its deadline of 20 ms\n  fix: allow more time, or ask for less in one run',
    )
  })
  test('that is cancelled', async () => {
    const l = await loaded(one, { main: patient })
    const stop = new AbortController()
    const r = l.run({ id: 1n }, { signal: stop.signal })
    stop.abort()
    expect(told(await r)).toBe('Cancelled: the caller cancelled the run\n  fix: run again when the answer is wanted')
  })
  test('that its caller gave up is cancelled, however late it is by then', async () => {
    // It hears of nothing before its own limit is over.
    const deaf = asking({
      perform: async (call, context) => {
        await new Promise((done) => setTimeout(done, 60))
        return patient.perform(call, { ...context, signal: AbortSignal.timeout(1) })
      },
    })
    const l = await loaded(one, { main: deaf })
    const stop = new AbortController()
    const r = l.run({ id: 1n }, { signal: stop.signal, deadlineMs: 30 })
    stop.abort()
    expect(told(await r)).toMatch(/^Cancelled: /)
  })
  test('that stops a write does not forget that nobody knows what became of it', async () => {
    const g = graph('paid', { id: t.i64 }, ({ id }) => ({
      n: sql('main').exec('pay')`update a set n = 1 where id = ${id}`,
    }))
    const unsure = asking({
      perform: (call, { signal }) =>
        new Promise((answer) => {
          signal.addEventListener('abort', () =>
            answer({
              _tag: 'Left',
              left: {
                _tag: 'Cancelled',
                node: '',
                place: '',
                occurrence: call.attrs.occurrence,
                iteration: [],
                cause: 'stopped',
                remedy: 'none',
                outcome: 'unknown',
              } as never,
            }),
          )
        }),
    })
    const l = await loaded(g, { main: unsure })
    const stop = new AbortController()
    const r = l.run({ id: 1n }, { signal: stop.signal })
    setTimeout(() => stop.abort(), 10)
    expect(await r).toMatchObject({ left: { _tag: 'Cancelled', outcome: 'unknown' } })
  })
  test('that was cancelled before it began asks nobody', async () => {
    let asked = 0
    const l = await loaded(one, {
      main: asking({
        perform: () => {
          asked++
          return Promise.resolve({ _tag: 'Right', right: { name: 'x' } })
        },
      }),
    })
    const r = await l.run({ id: 1n }, { signal: AbortSignal.abort() })
    expect([r._tag === 'Left' && r.left._tag, asked]).toEqual(['Cancelled', 0])
  })
  test('given something that is not its input', async () => {
    const l = await loaded(one, { main: patient })
    expect(told(await l.run({ id: 'seven' } as never))).toMatch(
      /^InvalidInput: input \$\.id .*\n {2}fix: pass an object of type id: i64$/,
    )
  })
  test('whose driver throws', async () => {
    const l = await loaded(one, {
      main: asking({
        perform: () => {
          throw new Error('broken')
        },
      }),
    })
    expect(told(await l.run({ id: 1n }))).toBe(
      "Unknown: 'person': dbQuery failed, because its driver threw: broken\n  fix: correct the driver, which is to answer with an error",
    )
  })
  test('whose assertion does not hold', async () => {
    const g = graph('positive', { x: t.f64 }, ({ x }) => ({ y: assert(x.gt(0), 'x must be positive', x) }))
    expect(told(await (await loaded(g, {})).run({ x: -1 }))).toMatch(
      /^AssertionFailed: run\.test\.ts:LINE.*x must be positive\n/,
    )
  })
  test('that divides a whole number by zero', async () => {
    const g = graph('divide', { x: t.i32 }, ({ x }) => ({ y: x.div(x) }))
    const l = await loaded(g, {})
    expect(await l.run({ x: 4 })).toEqual({ _tag: 'Right', right: { y: 1 } })
    expect(told(await l.run({ x: 0 }))).toMatch(/^AssertionFailed: /)
  })
  test('that decodes a document which does not fit', async () => {
    const g = graph('decoded', { d: t.json }, ({ d }) => ({ y: decodeJson(d, t.record({ a: t.f64 })) }))
    const l = await loaded(g, {})
    expect(await l.run({ d: { a: 1 } })).toEqual({ _tag: 'Right', right: { y: { a: 1 } } })
    expect(told(await l.run({ d: { a: 'x' } }))).toMatch(
      /^DecodeFailed: run\.test\.ts:LINE.*\$\.a: is the string "x", not a number/,
    )
  })
  test('whose driver answers something else than it declared', async () => {
    const wrong = asking({ perform: () => Promise.resolve({ _tag: 'Right', right: { name: 7 } }) })
    expect(told(await (await loaded(one, { main: wrong })).run({ id: 1n }))).toBe(
      "Decode: run.test.ts:LINE 'person': dbQuery the driver gave something else than it declared: the answer.name is not string\n  fix: correct the driver, or the type of the row",
    )
    const silent = asking({ perform: () => Promise.resolve(undefined as never) })
    expect(told(await (await loaded(one, { main: silent })).run({ id: 1n }))).toContain(
      'than it declared: is undefined',
    )
  })
  test('that answers more rows than allowed', async () => {
    const g = graph('all', {}, () => ({
      who: sql('main').many('people', row({ name: t.string }), { maxRows: 2, maxBytes: 1000 })`select name from person`,
    }))
    const r = await world(await done(g))
      .answer('people', [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
      .run({})
    expect(told(r)).toBe(
      "TooManyRows: run.test.ts:LINE 'people': dbQuery 'people' answered 3 rows, and maxRows is 2\n  fix: raise maxRows, or ask for fewer rows",
    )
  })
  test('that shares a cached body with a run that is cancelled', async () => {
    const g = graph('shared', { id: t.i64 }, ({ id }) => ({
      who: cached(
        'people',
        10_000,
        () => sql('main').one('person', row({ name: t.string }))`select name from person where id = ${id}`,
      ),
    }))
    let answer: () => void = () => undefined
    const slow = asking({
      perform: (_, { signal }) =>
        new Promise((done) => {
          answer = () => done({ _tag: 'Right', right: { name: 'Ann' } })
          signal.addEventListener('abort', () =>
            done({
              _tag: 'Left',
              left: {
                _tag: 'Timeout',
                effect: 'dbQuery',
                node: '',
                place: '',
                occurrence: 0,
                iteration: [],
                cause: 'stopped',
                remedy: 'none',
              },
            }),
          )
        }),
    })
    const l = await loaded(g, { main: slow })
    const stop = new AbortController()
    const [a, b] = [l.run({ id: 1n }, { signal: stop.signal }), l.run({ id: 1n })]
    await new Promise((r) => setTimeout(r, 5))
    stop.abort()
    expect((await a)._tag === 'Left').toBe(true)
    await new Promise((r) => setTimeout(r, 5))
    answer()
    expect(await b).toEqual({ _tag: 'Right', right: { who: { name: 'Ann' } } })
  })
  test('whose error is wanted as data', async () => {
    const g = graph('tried', { x: t.f64 }, ({ x }) => ({ y: attempt(() => assert(x.gt(0), 'x must be positive', x)) }))
    const l = await loaded(g, {})
    const [good, bad] = [await l.run({ x: 1 }), await l.run({ x: -1 })]
    expect(good._tag).toBe('Right')
    expect(JSON.stringify(bad)).toContain('x must be positive')
  })
  test('orThrow says the same as describeError', async () => {
    const l = await loaded(one, { main: patient })
    await expect(l.orThrow({ id: 1n }, { deadlineMs: 1 })).rejects.toThrow('ResourceExceeded: the run took longer')
  })
  test('as a TaskEither', async () => {
    const l = await loaded(
      graph('twice', { x: t.f64 }, ({ x }) => ({ y: fx`2 * ${x}` })),
      {},
    )
    expect(await l.task({ x: 21 })()).toEqual({ _tag: 'Right', right: { y: 42 } })
  })
})

describe('loading', () => {
  test('without a driver', async () => {
    expect(told(await load(await done(one), {}))).toBe(
      "DriverMissing: 'person': no driver is bound to 'main'\n  fix: pass load(artifact, { 'main': duckdb() })",
    )
  })
  test('with a driver for something else', async () => {
    expect(told(await load(await done(one), { main: asking({ kind: 'files', effects: ['fileWrite'] }) }))).toBe(
      "DriverMissing: 'person': the driver bound to 'main' is for files and does not do dbQuery\n  fix: pass load(artifact, { 'main': duckdb() })",
    )
  })
  test('a graph, or nothing, or something that is no driver', async () => {
    expect(told(await load(one as never))).toBe(
      'LoadFailed: this is a graph, not an artefact\n  fix: compile the graph first: load((await compile(graph)).right)',
    )
    expect(told(await load(null as never))).toContain('LoadFailed: this is no artefact')
    expect(told(await load(await done(one), { main: {} as never }))).toContain(
      "DriverMissing: 'main': what is bound to 'main' is no driver",
    )
    expect(told(await compile(null as never))).toContain('InvalidGraph: what was given is no graph')
    expect(told(await compile(one, { target: 'gpu' as never }))).toContain('InvalidGraph: there is no target gpu')
  })
  test('kernels that were changed', async () => {
    const c = await compile(graph('sum', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ s: x.sum() })))
    if (c._tag === 'Left') throw new Error(describeError(c.left))
    const bytes = c.right.files['kernels.wasm']!.slice()
    bytes[bytes.length - 1]! ^= 1
    expect(told(await load({ ...c.right, kernels: { wasm: () => bytes } }))).toBe(
      'LoadFailed: the artefact was changed: the bytes of kernels.wasm are not those its manifest names\n  fix: build it again with quoin build',
    )
  })
  test('an artefact of another format', async () => {
    const c = await done(one)
    expect(told(await load({ ...c, manifest: { ...c.manifest, format: 2 as 1 } }))).toMatch(
      /^LoadFailed: the artefact has format 2, and this runtime reads format 1/,
    )
  })
})

test('effects of every kind, against a test world', async () => {
  const g = graph('all', { name: t.string }, ({ name }) => ({
    at: now(),
    bytes: randomBytes(4),
    said: writeLog('info', name, 1),
    wrote: files('out').write('a.txt', name),
  }))
  const w = world(await done(g)).now(5)
  const r = await w.run({ name: 'hello' })
  expect(r._tag === 'Right' && r.right.at).toBe(5)
  expect([...w.files]).toEqual([['a.txt', 'hello']])
  expect(w.lines).toEqual([{ level: 'info', message: 'hello', data: 1 }])
})
