// Requirements: E7 E8

import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { noPlan } from '../../runtime/driver.ts'
import type { HttpOptions } from '../../runtime/drivers/http/index.ts'
import { classifyHttpError, http } from '../../runtime/drivers/http/index.ts'
import { bad, calm, good, own, request, told } from './calls.ts'
import type { TestServer } from './servers/http.ts'
import { httpServer, json } from './servers/http.ts'

let server: TestServer
beforeAll(async () => {
  server = await httpServer((_, to) => json(to, null))
})
afterAll(() => server.close())
beforeEach(() => {
  server.answer = (_, to) => json(to, { ok: true })
})
/** Tries once and never stays away, unless a test is about that. */
const once = (more: Partial<HttpOptions> = {}): Driver =>
  http({ base: `${server.base}/v1`, retry: false, breaker: false, ...more })
const write = { method: 'POST', writes: ['*'], idempotent: false, reads: [] } as const
const user = '{id: i64, name: string, age: option<f64>}'

describe('what is sent', () => {
  test('holes are escaped, in paths and in queries', async () => {
    const nasty = 'a/../b?x=1#y&z=%2e%20é😀'
    good(
      await once().perform(
        request(['/u/', '?q=', '&n=', ''], 'json', [
          ['string', nasty],
          ['string', nasty],
          ['i64', 7n],
        ]),
        calm,
      ),
    )
    const { url } = server.seen.at(-1)!
    const [path, query] = url.split('?')
    expect([url.split('?').length, path!.split('/').length]).toEqual([2, 4])
    expect(decodeURIComponent(path!.split('/')[3]!)).toBe(nasty)
    expect([...new URLSearchParams(query)]).toEqual([
      ['q', nasty],
      ['n', '7'],
    ])
  })
  test.each([
    [['/u/', ''], '..', 'its URL has the segment "..", which would name another path'],
    [['/u/', '/x'], '.', 'its URL has the segment ".", which would name another path'],
    [['/u/.', ''], '.', 'its URL has the segment "..", which would name another path'],
    [['/u/', ''], '', 'its URL has nothing in hole 1, which would name another path'],
    [['/u/', ''], '\ud800', 'its URL has half a character (a lone surrogate) in hole 1'],
    [['//evil.example/', ''], 'x', 'its URL does not begin with one /: the host is bound to the service'],
    [['/u/../', ''], 'x', 'its URL has a . or .. segment'],
    [['/u/%2E%2e/', ''], 'x', 'its URL has a . or .. segment'],
    [['/u#', ''], 'x', 'its URL has a character that is no part of a path or query in "/u#"'],
    [['/u\r\nx: y', ''], 'x', 'its URL has a character that is no part of a path or query in "/u\\r\\nx: y"'],
  ])('%j with %j is refused', async (url, hole, why) => {
    const before = server.seen.length
    expect(told(await once().perform(request(url, 'json', [['string', hole]]), calm))).toEqual([
      'Escape',
      `the request 'r' was not sent: ${why}`,
      'check the values that the graph puts there',
    ])
    expect(server.seen).toHaveLength(before)
  })
  test.each(['a\r\nx-evil: 1', 'a\nb', 'a\0b', 'π'])('the header value %j is refused', async (value) => {
    const e = told(await once().perform(request(['/'], 'json', [['string', value]], { headers: ['x-a'] }), calm))
    expect(e.slice(0, 2)).toEqual([
      'Escape',
      "the request 'r' was not sent: its header 'x-a' has a line break or another character that headers cannot hold",
    ])
  })
  test('bodies, headers and credentials, which are looked up by name', async () => {
    const d = once({ headers: { 'user-agent': 'test' }, credentials: { tea: { authorization: 'Bearer 1' } } })
    const send = { ...write, headers: ['idempotency-key'], body: true, authority: true }
    const call = request(
      ['/o'],
      'json',
      [
        ['string', 'tea'],
        ['i64', 9n],
        ['json', { a: [1, 'é'] }],
      ],
      send,
    )
    good(await d.perform(call, calm))
    const seen = server.seen.at(-1)!
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/o' })
    expect(seen.headers).toMatchObject({
      authorization: 'Bearer 1',
      'idempotency-key': '9',
      'user-agent': 'test',
      'content-type': 'application/json',
    })
    expect(seen.body.toString()).toBe('{"a":[1,"é"]}')
    const bytes = request(['/o'], 'json', [['bytes', Uint8Array.of(0, 255)]], { ...write, body: true })
    good(await d.perform(bytes, calm))
    expect([...server.seen.at(-1)!.body]).toEqual([0, 255])
    for (const who of ['other', 'toString', '__proto__'])
      expect(told(await d.perform({ ...call, args: [who, 9n, 1] }, calm)).slice(0, 2)).toEqual([
        'Permission',
        `there are no credentials for the authority '${who}'`,
      ])
    const asked = once({ credentials: async (who) => ({ authorization: `Basic ${who}` }) })
    good(await asked.perform(call, calm))
    expect(server.seen.at(-1)!.headers.authorization).toBe('Basic tea')
    const broken = once({ credentials: () => Promise.reject(new Error('vault')) })
    expect(told(await broken.perform(call, calm))[1]).toBe("there are no credentials for the authority 'tea': vault")
  })
  test.each(['not a url', 'ftp://x', 'http://me:secret@x', 'http://x/?q=1', 'http://x/#a'])(
    'the base %s is refused',
    async (base) => {
      expect(told(await http({ base }).perform(request(['/']), calm))[0]).toBe('Refused')
    },
  )
  test('connections are used again', async () => {
    const d = once({ connections: 1 })
    const ever = server.sockets.ever
    for (let i = 0; i < 5; i++) good(await d.perform(request(['/']), calm))
    expect(server.sockets.ever - ever).toBe(1)
    await d.close()
  })
})

describe('what is answered', () => {
  test('a record of status and body; fields that are not named are ignored, options may be missing', async () => {
    server.answer = (_, to) => json(to, { id: 7, name: 'é', more: [1] })
    expect(good(await once().perform(request(['/u'], user), calm))).toEqual({
      status: 200,
      body: { id: 7n, name: 'é', age: { _tag: 'None' } },
    })
    server.answer = (_, to) => json(to, 'gone', 404)
    expect(good(await once().perform(request(['/u'], 'json', [], { statuses: [404] }), calm))).toEqual({
      status: 404,
      body: 'gone',
    })
    server.answer = (_, to) => void to.writeHead(204).end()
    expect(good(await once().perform(request(['/u'], 'unit'), calm))).toEqual({ status: 204, body: null })
    expect(good(await once().perform(request(['/u'], 'bytes', [], { method: 'HEAD' }), calm))).toMatchObject({
      status: 204,
    })
  })
  test.each<[string, string, string | Buffer, string]>([
    ['NULL', user, 'null', '$: is null, not an object'],
    ['a missing field', user, '{"id":1}', '$.name: is missing'],
    [
      'another type',
      user,
      '{"id":"x","name":"a"}',
      '$.id: is the string "x", not an integer or its decimal string (i64)',
    ],
    ['truncated JSON', user, '{"id":1,', 'it is not JSON: '],
    ['no JSON', 'f64', '<html>', 'it is not JSON: '],
    ['invalid UTF-8', 'string', Buffer.from([0x61, 0xc3, 0x28]), 'it is not UTF-8 text'],
    ['invalid UTF-8 in JSON', 'json', Buffer.from([0x22, 0xff, 0x22]), 'it is not UTF-8 text'],
  ])('%s is a Decode error', async (_, answer, body, why) => {
    server.answer = (_s, to) => void to.end(body)
    const e = told(await once().perform(request(['/u'], answer), calm))
    expect([e[0], e[2]]).toEqual(['Decode', 'correct the codec, or check the service'])
    expect(e[1]).toContain(`the answer to 'r' (status 200) does not fit its codec: ${why}`)
    expect(bad(await once().perform(request(['/u'], answer, [], write), calm))).toMatchObject({ outcome: 'unknown' })
  })
  test.each([
    [400, 'Refused'],
    [401, 'Permission'],
    [403, 'Permission'],
    [404, 'NotFound'],
    [409, 'Conflict'],
    [410, 'NotFound'],
    [412, 'Conflict'],
    [413, 'TooLarge'],
    [418, 'Refused'],
    [429, 'Unavailable'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
  ])('status %d is %s', async (status, tag) => {
    server.answer = (_, to) => json(to, 'why', status)
    const e = bad(await once().perform(request(['/a?k=', ''], 'json', [['string', 'secret']]), calm))
    expect(e).toMatchObject({
      _tag: tag,
      cause: `GET /a of 'shop' was answered with status ${status}`,
      original: { status, body: '"why"' },
    })
    expect(e).not.toHaveProperty('outcome')
  })
  test('a gateway that gave up says nothing about a write', async () => {
    server.answer = (_, to) => json(to, null, 504)
    expect(bad(await once().perform(request(['/a'], 'json', [], write), calm))).toMatchObject({
      _tag: 'Unavailable',
      outcome: 'unknown',
    })
  })
  test('sizes: stated, sent in pieces, and of the driver', async () => {
    server.answer = (_, to) => void to.end('x'.repeat(5000))
    const e = told(await once().perform(request(['/big'], 'string', [], { maxBytes: 4999 }), calm))
    expect(e).toEqual([
      'TooLarge',
      "GET /big of 'shop' was answered with more than 4,999 bytes",
      'raise maxBytes of the request and of the driver, or ask for less',
    ])
    good(await once().perform(request(['/big'], 'string', [], { maxBytes: 5000 }), calm))
    server.answer = (_, to) => {
      // Each piece in a turn of its own: writing to a connection that is gone calls back before anybody hears of its end.
      const more = (failed?: Error | null): void => {
        if (failed == null && !to.destroyed) setImmediate(() => to.write('x'.repeat(1000), more))
      }
      more()
    }
    expect(told(await once({ maxBytes: 10_000 }).perform(request(['/big'], 'string'), calm))[0]).toBe('TooLarge')
  })
  test('an encoding that was not asked for', async () => {
    server.answer = (_, to) => void to.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
    expect(told(await once().perform(request(['/'], 'string'), calm))[1]).toContain("in the encoding 'gzip'")
    expect(server.seen.at(-1)!.headers['accept-encoding']).toBe('identity')
  })
  test('redirects of reads are followed below the base, and nowhere else', async () => {
    const to =
      (location: string, status = 302) =>
      (_: unknown, r: ServerResponse): void =>
        void r.writeHead(status, { location }).end()
    server.answer = (s, r) => (s.url === '/v1/a' ? to('/v1/b?x=1')(s, r) : json(r, s.url))
    expect(good(await once().perform(request(['/a'], 'string'), calm))).toMatchObject({ body: '"/v1/b?x=1"' })
    const why = async (answer: TestServer['answer'], more: object = {}): Promise<string> => {
      server.answer = answer
      const e = told(await once().perform(request(['/a'], 'string', [], more), calm))
      expect(e[0]).toBe('Refused')
      return e[1]
    }
    const told2 = (end: string): string => `GET /a of 'shop' was redirected (status 302) ${end}`
    expect(await why(to('/v1/a'))).toBe(told2('more than 5 times'))
    for (const away of [
      'http://evil.example/v1/a',
      '/other',
      '/v1/../other',
      '//evil.example/v1',
      '/v10/x',
      'https://127.0.0.1/v1/a',
    ])
      expect(await why(to(away))).toBe(told2('to a place that is not below its base'))
    expect(await why((_, r) => void r.writeHead(302).end())).toBe(told2('to nowhere'))
    expect(await why(to('/v1/b', 307), write)).toBe(
      "POST /a of 'shop' was redirected (status 307) and is not sent again elsewhere",
    )
  })
})

describe('connections that break', () => {
  test('reset before the answer: a write may have happened', async () => {
    server.answer = (s) => void s.socket.destroy()
    const e = bad(await once().perform(request(['/a']), calm))
    expect(e).toMatchObject({ _tag: 'Connection', remedy: 'check that the service runs and can be reached from here' })
    expect(e).not.toHaveProperty('outcome')
    expect(bad(await once().perform(request(['/a'], 'json', [], write), calm))).toMatchObject({
      _tag: 'Connection',
      outcome: 'unknown',
    })
  })
  test('reset in the middle of the body', async () => {
    server.answer = (s, to) => {
      to.writeHead(200, { 'content-length': '100' }).write('{"a":')
      setTimeout(() => s.socket.destroy(), 20)
    }
    expect(bad(await once().perform(request(['/a']), calm))).toMatchObject({ _tag: 'Connection' })
  })
  test('nobody there: even a write has surely not happened', async () => {
    const e = bad(await once({ base: 'http://127.0.0.1:1' }).perform(request(['/a'], 'json', [], write), calm))
    expect(e).toMatchObject({ _tag: 'Connection' })
    expect(e).not.toHaveProperty('outcome')
  })
  test('something that is not HTTP', async () => {
    server.answer = (s) => void s.socket.end('NONSENSE\r\n\r\n')
    expect(told(await once().perform(request(['/a']), calm))[0]).toBe('Decode')
  })
  test('a slow body is a Timeout, and its socket is closed', async () => {
    server.answer = (_, to) => void to.writeHead(200).write('{')
    const d = once({ timeoutMs: 300 })
    expect(told(await d.perform(request(['/slow']), calm))).toEqual([
      'Timeout',
      "GET /slow of 'shop' did not end within its time limit of 300 ms",
      "check the other side, or set a longer timeoutMs in the driver's options",
    ])
    await expect.poll(() => server.seen.at(-1)!.socket.destroyed).toBe(true)
    expect(bad(await d.perform(request(['/slow'], 'json', [], write), calm))).toMatchObject({
      _tag: 'Timeout',
      outcome: 'unknown',
    })
  })
  test('cancelling closes the socket, and so does closing the driver', async () => {
    server.answer = (_, to) => void to.writeHead(200).write('{')
    const d = once()
    const stop = new AbortController()
    const before = server.seen.length
    const running = d.perform(request(['/slow']), stop)
    await expect.poll(() => server.seen.length).toBe(before + 1)
    stop.abort()
    expect(told(await running)).toEqual([
      'Cancelled',
      "GET /slow of 'shop' was cancelled",
      'run again when the answer is wanted',
    ])
    await expect.poll(() => server.seen.at(-1)!.socket.destroyed).toBe(true)
    const second = d.perform(request(['/slow'], 'json', [], write), calm)
    await expect.poll(() => server.seen.length).toBe(before + 2)
    await d.close()
    expect(bad(await second)).toMatchObject({ _tag: 'Unknown', outcome: 'unknown' })
    await expect.poll(() => server.seen.at(-1)!.socket.destroyed).toBe(true)
  })
  test('what is not known keeps its original', () => {
    const e = new Error('odd')
    expect(classifyHttpError(e, 'GET /', false)).toMatchObject({
      failure: { tag: 'Unknown', original: e },
      passing: false,
    })
    const missing = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(classifyHttpError(missing, 'GET /', false).failure.remedy).toBe('npm install undici')
  })
  test('a call for another driver is a Bug', async () => {
    expect(bad(await once().perform(own(['f64', 1]), calm))._tag).toBe('Bug')
  })
})

describe('trying again', () => {
  const flaky = (bad: number, how: TestServer['answer']): (() => number) => {
    let n = 0
    server.answer = (s, to) => (n++ < bad ? how(s, to) : json(to, n))
    return () => n
  }
  const quick = { baseMs: 1 }
  test('reads and what is declared idempotent, a bounded number of times', async () => {
    const asked = flaky(2, (s) => void s.socket.destroy())
    expect(good(await once({ retry: quick }).perform(request(['/a'], 'f64'), calm))).toMatchObject({ body: 3 })
    expect(asked()).toBe(3)
    flaky(1, (_, to) => json(to, null, 503))
    good(await once({ retry: quick }).perform(request(['/a'], 'f64', [], { ...write, idempotent: true }), calm))
    const many = flaky(99, (_, to) => json(to, null, 503))
    expect(told(await once({ retry: quick }).perform(request(['/a'], 'f64'), calm))[1]).toBe(
      "GET /a of 'shop' was answered with status 503 (tried 3 times)",
    )
    expect(many()).toBe(3)
  })
  test('never a write that is not, nor what will not pass', async () => {
    const asked = flaky(1, (_, to) => json(to, null, 503))
    bad(await once({ retry: quick }).perform(request(['/a'], 'f64', [], write), calm))
    expect(asked()).toBe(1)
    const wrong = flaky(1, (_, to) => json(to, null, 400))
    bad(await once({ retry: quick }).perform(request(['/a'], 'f64'), calm))
    expect(wrong()).toBe(1)
  })
  test('no sooner than the service asks, and not past the time limit', async () => {
    flaky(1, (_, to) => void to.writeHead(429, { 'retry-after': '1' }).end())
    const began = performance.now()
    good(await once({ retry: quick }).perform(request(['/a'], 'f64'), calm))
    expect(performance.now() - began).toBeGreaterThan(990)
    flaky(1, (_, to) => void to.writeHead(429, { 'retry-after': '600' }).end())
    expect(told(await once({ retry: quick, timeoutMs: 100 }).perform(request(['/a'], 'f64'), calm))[0]).toBe('Timeout')
  })
  test('a service that fails again and again is left alone for a while', async () => {
    let at = 0
    const d = once({ retry: false, breaker: { failures: 2, openMs: 100, now: () => at } })
    const asked = flaky(3, (_, to) => json(to, null, 500))
    const ask = async (more: object = {}): Promise<string> => {
      const a = await d.perform(request(['/a'], 'f64', [], more), calm)
      return a._tag === 'Right' ? 'ok' : a.left.cause
    }
    const failed = "GET /a of 'shop' was answered with status 500"
    const spared = "GET /a of 'shop' was not sent: the service has failed too often just now"
    expect([await ask(), await ask(), await ask()]).toEqual([failed, failed, spared])
    at = 100
    expect([await ask(), await ask()]).toEqual([failed, spared])
    expect(asked()).toBe(3)
    at = 200
    expect([await ask(), await ask()]).toEqual(['ok', 'ok'])
  })
})

describe('lookups', () => {
  const people = new Map([1, 2, 3].map((id) => [String(id), { id, name: `n${id}` }]))
  const rest: TestServer['answer'] = (s, to) => {
    const { pathname, searchParams } = new URL(s.url, server.base)
    const one = /^\/v1\/u\/(\w+)$/.exec(pathname)
    if (one !== null) return json(to, people.get(one[1]!) ?? null, people.has(one[1]!) ? 200 : 404)
    const keys =
      s.method === 'POST'
        ? (JSON.parse(s.body.toString()) as { ids: number[] }).ids.map(String)
        : searchParams.getAll('id')
    json(to, { list: keys.flatMap((k) => people.get(k) ?? []) })
  }
  const many = { method: 'GET', url: '/u', keysIn: 'query', keys: 'id', items: 'list', key: 'id', most: 2 } as const
  const lookup = (id: bigint, more: object = {}) =>
    request(['/u/', ''], user, [['i64', id]], { mode: 'lookup', many, ...more })

  test.each([
    ['in the query', many, ['/v1/u?id=1&id=4', '/v1/u?id=3&id=2']],
    ['in the body', { ...many, method: 'POST', keysIn: 'body', keys: 'ids' } as const, ['/v1/u', '/v1/u']],
  ])('many keys %s are one request each two, and answer as one by one', async (_, how, urls) => {
    server.answer = rest
    const d = once()
    const calls = [1n, 4n, 3n, 1n, 2n].map((id) => lookup(id, { many: how }))
    const from = server.seen.length
    const { answers, roundTrips } = await d.performMany!({ calls, plan: noPlan }, calm)
    expect([roundTrips, server.seen.slice(from).map((s) => s.url)]).toEqual([2, urls])
    const alone = await Promise.all(calls.map((c) => d.perform(c, calm)))
    expect(answers).toEqual(alone)
    expect(answers.map((a) => (good(a) as { _tag: string })._tag)).toEqual(['Some', 'None', 'Some', 'Some', 'Some'])
  })
  test('what the bulk endpoint gets wrong is asked one by one', async () => {
    const two = [1n, 2n].map((id) => lookup(id))
    for (const odd of [
      'nonsense',
      '{"list":7}',
      '{"list":[{}]}',
      '{"list":[{"id":1},{"id":2,"name":3}]}',
      '{"list":[{"id":1,"name":"a"},{"id":1,"name":"b"},{"id":2,"name":"n2"}]}',
    ]) {
      server.answer = (s, to) => (s.url.includes('?') ? void to.end(odd) : rest(s, to))
      const { answers } = await once().performMany!({ calls: two, plan: noPlan }, calm)
      expect(answers.map((a) => (good(a) as { value: { name: string } }).value.name)).toEqual(['n1', 'n2'])
    }
  })
  test('a service that is gone is not asked for each key', async () => {
    server.answer = (s) => void s.socket.destroy()
    const from = server.seen.length
    const { answers, roundTrips } = await once().performMany!(
      { calls: [1n, 2n].map((i) => lookup(i)), plan: noPlan },
      calm,
    )
    expect([answers.map((a) => bad(a)._tag), roundTrips, server.seen.length - from]).toEqual([
      ['Connection', 'Connection'],
      1,
      1,
    ])
  })
  test('authorities are not asked for together', async () => {
    server.answer = rest
    const d = once({ credentials: (who) => ({ authorization: who }) })
    const calls = ['a', 'b', 'a', 'b'].map((who, i) => ({
      ...request(
        ['/u/', ''],
        user,
        [
          ['string', who],
          ['i64', BigInt(i % 3)],
        ],
        { mode: 'lookup', many, authority: true },
      ),
    }))
    const from = server.seen.length
    const { answers } = await d.performMany!({ calls, plan: noPlan }, calm)
    expect(answers.map((a) => a._tag)).toEqual(['Right', 'Right', 'Right', 'Right'])
    for (const s of server.seen.slice(from)) expect(['a', 'b']).toContain(s.headers.authorization)
    expect(
      server.seen
        .slice(from)
        .map((s) => s.headers.authorization)
        .sort(),
    ).toEqual(['a', 'b'])
  })
})
