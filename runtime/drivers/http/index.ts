import type { Answer, Call } from '../../../graph/effects.ts'
import { effects } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Value } from '../../../graph/values.ts'
import type { Batch, Context, Driver } from '../../driver.ts'
import { decodePayload } from '../../payload.ts'
import type { HttpCall, Outgoing } from '../../request.ts'
import { outgoing, plainText } from '../../request.ts'
import type { Failure } from '../failure.ts'
import { answerOf, failed, notMine } from '../failure.ts'
import type { Takes } from '../options.ts'
import { driverOf } from '../options.ts'
import { answering } from '../within.ts'
import { assumptions } from './assumptions.ts'
import { answersOf, keyAt, keyText, manyOutgoing } from './many.ts'
import type { HttpOptions } from './options.ts'
import { probe } from './probe.ts'
import type { Service } from './service.ts'
import { service } from './service.ts'

export { classifyHttpError, classifyStatus } from './classify.ts'
export type { HttpAnswer, HttpBody, HttpClient } from './client.ts'
export type { Credentials, HttpOptions } from './options.ts'

/**
 * An HTTP service below one base URL. Nothing is loaded or opened before the first request. Only what may be sent twice
 * is tried again; redirects of reads are followed while they stay below the base.
 */
export const http = (options: HttpOptions): Driver =>
  driverOf('http', { kind: 'http', effects: ['httpRequest'] }, options, takes, made)
const takes: Takes<HttpOptions> = {
  example: "http({ base: 'https://api.example.com/v1' })",
  options: {
    base: 'string',
    credentials: 'any',
    headers: 'any',
    client: 'any',
    connections: 'any',
    maxBytes: 'any',
    timeoutMs: 'any',
    retry: 'any',
    breaker: 'any',
  },
  needs: 'base',
}
const made = (options: HttpOptions): Driver => {
  const the = service(options)
  return {
    kind: 'http',
    effects: ['httpRequest'],
    assumptions,
    perform: (call, context) => perform(the, call, context),
    performMany: (batch, context) => performMany(the, batch, context),
    probe: (context) => probe(options, the, context),
    close: () => the.close(),
  }
}

const perform = async (the: Service, call: Call, context: Context): Promise<Answer> =>
  call.effect === 'httpRequest' ? answering(call, () => single(the, call, context)) : notMine(call, 'http')

const notThere: ReadonlySet<number> = new Set([404, 410])

const single = async (the: Service, call: HttpCall, context: Context): Promise<Either<Failure, Value>> => {
  const request = outgoing(call)
  if (isLeft(request)) return left(escaping(call, request.left))
  const { attrs } = call
  const lookup = attrs.mode === 'lookup'
  const wanted = (s: number): boolean =>
    (s >= 200 && s <= 299) || attrs.statuses.includes(s) || (lookup && notThere.has(s))
  const got = await the.send(call, request.right, attrs.maxBytes, wanted, context)
  if (isLeft(got)) return got
  const { status, body } = got.right
  if (lookup && notThere.has(status)) return right({ _tag: 'None' })
  const value = decodePayload(attrs.answer, body, { tolerant: true })
  if (isLeft(value)) return left(undecodable(call, status, value.left))
  return right(lookup ? { _tag: 'Some', value: value.right } : { status, body: value.right })
}

const escaping = (call: HttpCall, why: string): Failure => ({
  tag: 'Escape',
  cause: `the request '${call.attrs.name}' was not sent: ${why}`,
  remedy: 'check the values that the graph puts there',
})
const undecodable = (call: HttpCall, status: number, why: string): Failure => ({
  tag: 'Decode',
  cause: `the answer to '${call.attrs.name}' (status ${status}) does not fit its codec: ${why}`,
  remedy: 'correct the codec, or check the service',
  ...(effects.httpRequest.traits(call.attrs).droppable ? {} : { outcome: 'unknown' as const }),
})

/** Failures after which asking again key by key would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection', 'Unavailable'])

const performMany = async (
  the: Service,
  { calls }: Batch,
  context: Context,
): Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }> => {
  const lookups = calls.filter((c) => c.effect === 'httpRequest')
  if (lookups.length < calls.length) return { answers: calls.map((c) => notMine(c, 'http')), roundTrips: 0 }
  try {
    return await inBulk(the, lookups, context)
  } catch (e) {
    return { answers: calls.map(() => left(bug('http', e))), roundTrips: 1 }
  }
}

const inBulk = async (the: Service, calls: readonly HttpCall[], context: Context): ReturnType<typeof performMany> => {
  const answers = new Map<string, Answer>()
  let roundTrips = 0
  const alone = (call: HttpCall): Promise<Answer> => {
    roundTrips++
    return perform(the, call, context)
  }
  const distinct = new Map<string, HttpCall>()
  for (const call of calls) {
    // One request acts for all, so that authority and headers must be equal, and each key one that it could send alone.
    const request = outgoing(call)
    if (isLeft(request)) answers.set(identity(call), failed(call, escaping(call, request.left)))
    else distinct.set(identity(call), call)
  }
  const groups = Map.groupBy(distinct.values(), (call) => identity(call, false))
  for (const members of groups.values()) {
    const { many, batch } = members[0]!.attrs
    const together = many !== null && batch && members.length > 1
    for (const part of chunks(members, together ? many.most : 1)) {
      if (!together || part.length < 2) {
        for (const call of part) answers.set(identity(call), await alone(call))
        continue
      }
      roundTrips++
      const found = await bulk(the, part, context)
      for (const [i, call] of part.entries()) {
        const answer = isLeft(found) ? undefined : found.right[i]
        if (isLeft(found) && final.has(found.left.tag)) answers.set(identity(call), failed(call, found.left))
        else answers.set(identity(call), answer === undefined || answer === 'alone' ? await alone(call) : right(answer))
      }
    }
  }
  return { answers: calls.map((c) => answerOf(c, answers.get(identity(c))!)), roundTrips }
}

const bulk = async (the: Service, calls: readonly HttpCall[], context: Context) => {
  const first = calls[0]!
  const many = first.attrs.many!
  const request = outgoing(first) as { readonly right: Outgoing }
  const { headers, authority } = request.right
  const maxBytes = first.attrs.maxBytes * calls.length + 1024
  const ok = (s: number): boolean => s >= 200 && s <= 299
  const got = await the.send(first, manyOutgoing(many, calls, headers, authority), maxBytes, ok, context)
  if (isLeft(got)) return got
  const found = answersOf(many, calls, got.right.body)
  return isLeft(found) ? left(undecodable(first, got.right.status, found.left)) : found
}

/** Calls of one lookup are the same when their arguments are; without the key, when one request can ask for both. */
const identity = (call: HttpCall, key = true): string => {
  const others = call.args.flatMap((a, i) => (i === keyAt(call) ? [] : [plainText(call.argTypes[i]!, a)]))
  return JSON.stringify([call.attrs.url, others, key ? keyText(call) : ''])
}

const chunks = <T>(list: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / most) }, (_, i) => list.slice(i * most, (i + 1) * most))
