import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Compiled } from '../../compile.ts'
import { compile } from '../../compile.ts'
import type { Answer, Call } from '../../graph/effects.ts'
import { effectError } from '../../graph/effects.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { attempt, cached, foreign, graph, now, row, sql, t, writeLog } from '../../graph/index.ts'
import type { Value } from '../../graph/values.ts'
import { replayGraph } from '../../interpret.ts'
import type { Driver, Loaded, Recording } from '../../runtime/index.ts'
import { load, replay } from '../../runtime/index.ts'
import type { Replayed } from '../../runtime/replay/playback.ts'

const must = <A>(
  e: { readonly _tag: 'Right'; readonly right: A } | { readonly _tag: 'Left'; readonly left: unknown },
): A => {
  if (e._tag === 'Left') throw new Error(JSON.stringify(e.left))
  return e.right
}
type Give = (call: Call, signal: AbortSignal) => Answer | Promise<Answer>
const driver = (effects: Driver['effects'], give: Give): Driver => ({
  kind: 'sql',
  effects,
  assumptions: [],
  perform: async (call, { signal }) => give(call, signal),
  close: () => Promise.resolve(),
})
const db = (give: Give): Driver => driver(['dbQuery'], give)
const printed = (r: Recording | undefined): Recording => JSON.parse(JSON.stringify(r)) as Recording

/** Runs once and takes the recording, printed and read again. */
const take = async <I, O>(
  l: Loaded<I, O>,
  input: I,
  options: { readonly redact?: readonly string[]; readonly deadlineMs?: number; readonly signal?: AbortSignal } = {},
): Promise<{ readonly recording: Recording; readonly answer: Awaited<ReturnType<Loaded<I, O>['run']>> }> => {
  let recording: Recording | undefined
  const { redact = [], ...rest } = options
  const to = (r: Recording): void => {
    recording = r
  }
  const answer = await l.run(input, { ...rest, record: { to, redact } })
  return { recording: printed(recording), answer }
}
const replayed = async <I, O>(c: Compiled<I, O>, recording: unknown): Promise<Replayed> =>
  must(await replay(c, recording))

const User = row({ id: t.i64, email: t.string, paid: t.decimal(2), at: t.timestamp, key: t.bytes, score: t.f64 })
const users = graph('users', { ids: t.list(row({ id: t.i64 }), 'n'), token: t.string }, ({ ids, token }) => ({
  people: ids.map(({ id }) => sql('db').one('user', User)`select * from users where id = ${id} and token = ${token}`),
  said: writeLog('info', 'asked', { token }),
}))
const user = (call: Call): Answer => {
  const id = call.args[0] as bigint
  return right({
    id,
    email: `user${id}@example.org`,
    paid: 1250n + id,
    at: 1_700_000_000_000_000n,
    key: Uint8Array.of(1, 2, Number(id)),
    score: -0,
  } as unknown as Value)
}
const bindings = (give: Give = user) => ({ db: db(give), log: driver(['logLine'], () => right(null)) })
const input = { ids: [{ id: 7n }, { id: 8n }, { id: 7n }], token: 'sesame-open' }

describe('a recorded run', () => {
  test('holds every answer by occurrence and iteration, and replays to the same bits', async () => {
    const c = must(await compile(users))
    const { recording } = await take(must(await load(c, bindings())), input)
    expect(recording.digest).toBe(c.manifest.digest)
    expect(recording.artifact).toBe(c.manifest.key)
    expect(recording.calls.map((x) => `${x.name}[${x.iteration.join('.')}]`).sort()).toEqual([
      'logLine[]',
      'user[0]',
      'user[1]',
      'user[2]',
    ])
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'same', differences: [] })
    expect(must(replayGraph(users, recording))).toMatchObject({ verdict: 'same' })
  })

  test('is whole when the run fails, and when an answer is an error that the graph takes as data', async () => {
    const g = graph('fails', {}, () => ({
      tried: attempt(() => sql('db').one('gone', row({ x: t.i64 }))`select 1 as x`),
      x: sql('db').one('bad', row({ x: t.i64 }))`select 2 as x`,
    }))
    const c = must(await compile(g))
    const { recording, answer } = await take(
      must(
        await load(
          c,
          bindings((call) => left(effectError(call, 'Conflict', `no ${call.effect}`, 'wait'))),
        ),
      ),
      {},
    )
    expect(answer).toMatchObject({ left: { _tag: 'Conflict' } })
    expect(recording.outcome).toMatchObject({ err: { _tag: 'Conflict', cause: 'no dbQuery' } })
    expect(recording.calls).toHaveLength(2)
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'same' })
    expect(must(replayGraph(g, recording))).toMatchObject({ verdict: 'same' })
  })

  test.each(['deadline', 'signal'] as const)('is whole when the run is stopped by its %s', async (how) => {
    const c = must(await compile(users))
    const stop = new AbortController()
    let asked = 0
    const loaded = must(
      await load(c, {
        ...bindings((call, signal) => {
          if (++asked === 1) return user(call)
          if (how === 'signal') stop.abort()
          return new Promise((resolve) => {
            const end = (): void => resolve(left(effectError(call, 'Timeout', 'stopped', 'none')))
            if (signal.aborted) end()
            else signal.addEventListener('abort', end)
          })
        }),
      }),
    )
    const { recording, answer } = await take(
      loaded,
      input,
      how === 'deadline' ? { deadlineMs: 60 } : { signal: stop.signal },
    )
    const tag = how === 'deadline' ? 'ResourceExceeded' : 'Cancelled'
    expect(answer).toMatchObject({ left: { _tag: tag } })
    expect(recording.outcome).toMatchObject({ err: { _tag: tag } })
    expect(recording.calls.filter((x) => x.name === 'user' && 'ok' in x.answer)).toHaveLength(1)
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'same' })
  })

  test('takes nothing from what other runs remember, so that it says what it rests on', async () => {
    const g = graph('remembers', { id: t.i64 }, ({ id }) => ({
      u: cached('u', 3_600_000, () => sql('db').one('user', row({ id: t.i64 }))`select id from users where id = ${id}`),
    }))
    const c = must(await compile(g))
    let asked = 0
    const loaded = must(
      await load(
        c,
        bindings(() => right({ id: BigInt(++asked) })),
      ),
    )
    await loaded.run({ id: 1n })
    expect(must(await loaded.run({ id: 1n }))).toEqual({ u: { id: 1n } })
    const { recording } = await take(loaded, { id: 1n })
    expect(recording.calls).toHaveLength(1)
    expect(recording.outcome).toMatchObject({ ok: { value: { u: { id: '2' } } } })
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'same' })
    expect(must(await loaded.run({ id: 1n }))).toEqual({ u: { id: 1n } })
  })

  test('keeps what JSON would lose: the sign of a zero in a document, and the shape of arrays without cells', async () => {
    const g = graph('edges', { m: t.tensor(t.f64, 'n', 'k') }, ({ m }) => ({
      m,
      doc: foreign('doc', { in: t.unit, out: t.json, writes: [] })(null as never),
    }))
    const c = must(await compile(g))
    const loaded = must(
      await load(c, { doc: driver(['foreign'], () => right({ a: [-0, 0, 'x'] } as unknown as Value)) }),
    )
    const empty = { shape: [0, 3], data: new Float64Array(0) }
    const { recording, answer } = await take(loaded, { m: empty } as never)
    expect(isLeft(answer)).toBe(false)
    expect(recording.input).toMatchObject({ shapes: [[0, 3]] })
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'same', differences: [] })
    const tampered = JSON.parse(JSON.stringify(recording).replaceAll('[-0,', '[0,')) as Recording
    expect(tampered).not.toEqual(recording)
    const call = { ...tampered, outcome: recording.outcome }
    expect(await replayed(c, call)).toMatchObject({
      verdict: 'differs',
      differences: ['result.doc.a[0] is 0, recorded -0'],
    })
  })

  test('that was stopped while it computed says that there is nothing to compare', async () => {
    const c = must(await compile(users))
    const { recording } = await take(must(await load(c, bindings())), input)
    const err = { _tag: 'ResourceExceeded', what: 'time', cause: 'the run took longer than its deadline of 5 ms' }
    const r = await replayed(c, { ...recording, outcome: { err } })
    expect(r).toMatchObject({ verdict: 'stopped', notes: [expect.stringContaining('and this one went on') as string] })
  })

  test('that never began is told as such', async () => {
    const c = must(await compile(users))
    const { recording, answer } = await take(must(await load(c, bindings())), { ids: 1 } as never)
    expect(answer).toMatchObject({ left: { _tag: 'InvalidInput' } })
    expect(recording).toMatchObject({ input: null, calls: [], outcome: { err: { _tag: 'InvalidInput' } } })
    const r = await replay(c, recording)
    expect(r).toMatchObject({ left: { _tag: 'ReplayFailed', cause: expect.stringContaining('never began') as string } })
  })

  test('that nobody can take is no reason to lose the answer', async () => {
    const c = must(await compile(users))
    const warned: string[] = []
    const listen = (w: Error): void => void warned.push(w.message)
    process.on('warning', listen)
    const answer = await must(await load(c, bindings())).run(input, {
      record: () => {
        throw new Error('disk is full')
      },
    })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(isLeft(answer)).toBe(false)
    expect(warned).toEqual(['the recording of a run was lost: disk is full'])
  })
})

describe('redaction', () => {
  const all = ['user.email', 'user.paid', 'user.at', 'user.key', 'user.score', 'result.people.score', 'input.token']
  test('puts stand-ins of the same type, equal for equal secrets, wherever the secret occurs', async () => {
    const c = must(await compile(users))
    const { recording } = await take(must(await load(c, bindings())), input, { redact: all })
    const text = JSON.stringify(recording)
    for (const secret of ['user7@example.org', 'user8@example.org', 'sesame', '12.57', '2023-11-14', 'AQIH'])
      expect(text).not.toContain(secret)
    const r = await replayed(c, recording)
    // Nothing was computed from the secrets, so even the stand-ins agree.
    expect(r).toMatchObject({ verdict: 'redacted', differences: [] })
    expect(r.notes[0]).toContain('the input was redacted: from there on this is not the run that was recorded')
    expect(must(replayGraph(users, recording))).toMatchObject({ verdict: 'redacted', differences: [] })
    const people = (r.outcome as { ok: { value: { people: { email: string }[] } } }).ok.value.people
    expect(people[0]).toEqual(people[2])
    expect(people[0]!.email).not.toBe(people[1]!.email)
  })
  test('of a whole call hides arguments and answer; $n an argument; an unknown field everything', async () => {
    const c = must(await compile(users))
    const loaded = must(await load(c, bindings()))
    const whole = (await take(loaded, input, { redact: ['user'] })).recording
    expect(JSON.stringify(whole.calls.filter((x) => x.name === 'user'))).not.toMatch(/example\.org|sesame/)
    const argument = (await take(loaded, input, { redact: ['user.$2'] })).recording
    expect(JSON.stringify(argument)).not.toContain('sesame')
    expect(JSON.stringify(argument)).toContain('user7@example.org')
    const misspelt = (await take(loaded, input, { redact: ['user.emial'] })).recording
    expect(JSON.stringify(misspelt)).not.toContain('example.org')
  })
  test('of the same run through errors: what a database says of a secret is hidden, too', async () => {
    const c = must(await compile(users))
    const { recording } = await take(
      must(
        await load(
          c,
          bindings((call) => left(effectError(call, 'Refused', 'no token sesame-open', 'ask for one'))),
        ),
      ),
      input,
      { redact: ['input.token'] },
    )
    expect(JSON.stringify(recording)).not.toContain('sesame')
    expect(await replayed(c, recording)).toMatchObject({ verdict: 'redacted', differences: [] })
  })
  test('says where a run that goes by a secret leaves the recorded one', async () => {
    const g = graph('goes', {}, () => {
      const u = sql('db').one('user', row({ score: t.f64 }))`select score from users`
      return { twice: u.score.mul(2), at: now() }
    })
    const c = must(await compile(g))
    const { recording } = await take(
      must(
        await load(
          c,
          bindings(() => right({ score: 21 })),
        ),
      ),
      {},
      { redact: ['user.score'] },
    )
    const r = await replayed(c, recording)
    expect(r).toMatchObject({ verdict: 'redacted', differences: ['result.twice is 2, recorded 42'] })
    expect(r.notes).toEqual([
      "the answer to dbQuery 'user' was redacted: from there on this is not the run that was recorded",
    ])
  })
  test('finds thousands of secrets in thousands of texts in no time', async () => {
    const n = 5000
    const g = graph('many', { ids: t.list(row({ id: t.i64 }), 'n') }, ({ ids }) => ({
      people: ids.map(
        ({ id }) => sql('db').one('user', row({ email: t.string }))`select email from u where id = ${id}`,
      ),
    }))
    const c = must(await compile(g, { target: 'ts' }))
    const loaded = must(
      await load(
        c,
        bindings((call) => right({ email: `user${call.args[0] as bigint}@example.org` })),
      ),
    )
    const ids = Array.from({ length: n }, (_, i) => ({ id: BigInt(i) }))
    const began = performance.now()
    const { recording } = await take(loaded, { ids }, { redact: ['user.email'] })
    expect(JSON.stringify(recording)).not.toContain('example.org')
    const r = await replayed(c, recording)
    expect(r).toMatchObject({ verdict: 'redacted', differences: [] })
    expect(performance.now() - began).toBeLessThan(20_000)
  })
  test('of something that is not there ends the run before it begins', async () => {
    let asked = 0
    const c = must(await compile(users))
    const loaded = must(
      await load(
        c,
        bindings((call) => {
          asked++
          return user(call)
        }),
      ),
    )
    const r = await loaded.run(input, { record: { to: () => {}, redact: ['usr.email'] } })
    expect(r).toMatchObject({ left: { _tag: 'InvalidInput', cause: expect.stringContaining("'usr.email'") as string } })
    expect(asked).toBe(0)
  })
})

describe('replaying', () => {
  test('a call that was merged takes the answer of the last equal one before it, in time', async () => {
    const g = graph('twice', { ids: t.list(row({ id: t.i64 }), 'n') }, ({ ids }) => ({
      pairs: ids.map(({ id }) => {
        const ask = () => sql('db').one('x', row({ x: t.i64 }), { batch: false })`select x from t where 1 = ${id}`.x
        return { a: ask(), b: ask() }
      }),
    }))
    const c = must(await compile(g, { target: 'ts' }))
    let asked = 0n
    // Each answer is another one, as no database would: every element must be given its own.
    const loaded = must(
      await load(
        c,
        bindings(() => right({ x: asked++ })),
      ),
    )
    const { recording } = await take(loaded, { ids: Array.from({ length: 3000 }, () => ({ id: 1n })) })
    expect(recording.calls.filter((x) => x.unused !== true)).toHaveLength(3000)
    expect(asked).toBe(3000n)
    const began = performance.now()
    expect(must(replayGraph(g, recording))).toMatchObject({ verdict: 'same' })
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  const ran = async (): Promise<{ readonly c: Compiled; readonly recording: Recording }> => {
    const c = must(await compile(users)) as unknown as Compiled
    return { c, recording: (await take(must(await load(c, bindings())), input)).recording }
  }
  test('refuses the recording of another graph, and what is none', async () => {
    const { c, recording } = await ran()
    const other = must(await compile(graph('other', { x: t.f64 }, ({ x }) => ({ x }))))
    expect(await replay(other, recording)).toMatchObject({
      left: { _tag: 'ReplayFailed', cause: expect.stringContaining('another graph') as string },
    })
    for (const odd of [null, 1, [], {}, { ...recording, format: 'quoin-recording-2' }, { ...recording, calls: 1 }])
      expect(await replay(c, odd)).toMatchObject({ left: { _tag: 'ReplayFailed' } })
  })
  test('names a call that is missing, one that asks otherwise, and a write that is not made', async () => {
    const { c, recording } = await ran()
    const without = { ...recording, calls: recording.calls.filter((x) => x.iteration[0] !== 1) }
    expect(await replay(c, without)).toMatchObject({
      left: { _tag: 'ReplayFailed', node: 'user', cause: "dbQuery 'user' at element 1 is not in the recording" },
    })
    const calls = recording.calls.map((x) => (x.iteration[0] === 1 ? { ...x, args: [{ value: '9' }, x.args[1]!] } : x))
    expect(await replay(c, { ...recording, calls })).toMatchObject({
      left: {
        cause: expect.stringContaining(
          'asks with ("8", "sesame-open"), and the recorded run asked with ("9"',
        ) as string,
      },
    })
    const more = { ...recording.calls.find((x) => x.writes)!, occurrence: 99 }
    expect(await replayed(c, { ...recording, calls: [...recording.calls, more] })).toMatchObject({
      verdict: 'differs',
      differences: ["the recorded run called 'logLine', and this one does not"],
    })
  })
  test('says where the result differs', async () => {
    const { c, recording } = await ran()
    const text = JSON.stringify(recording.outcome).replace('user8@', 'USER8@')
    const r = await replayed(c, { ...recording, outcome: JSON.parse(text) as Recording['outcome'] })
    expect(r).toMatchObject({
      verdict: 'differs',
      differences: ['result.people[1].email is "user8@example.org", recorded "USER8@example.org"'],
    })
  })
  test('stops after a call, and shows each on the way', async () => {
    const { c, recording } = await ran()
    const seen: string[] = []
    const r = must(
      await replay(c, recording, {
        until: 'user[1]',
        step: (s) => void seen.push(`${s.name}[${s.iteration.join('.')}]`),
      }),
    )
    expect(r.verdict).toBe('stopped')
    expect(seen.filter((s) => s !== 'logLine[]')).toEqual(['user[0]', 'user[1]'])
  })
  test('never throws, whatever has become of a recording', async () => {
    const { c, recording } = await ran()
    const text = JSON.stringify(recording)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('0', '"', '1', 'x', 'null', '[]', '-', ''),
        async (at, put) => {
          const spoilt = text.slice(0, at) + put + text.slice(at + 1)
          let json: unknown
          try {
            json = JSON.parse(spoilt)
          } catch {
            return
          }
          for (const r of [await replay(c, json), replayGraph(users, json)])
            if (isLeft(r)) expect(r.left._tag, r.left.cause).toBe('ReplayFailed')
        },
      ),
      { numRuns: 3000 },
    )
  })
})
