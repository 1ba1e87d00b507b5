import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'
import { networkCode } from '../network.ts'

type Rule = readonly [when: RegExp, tag: Failure['tag'], remedy: string]

/** Redis begins each of its errors with a word; the client's own errors carry a name. The first rule that fits decides. */
const rules: readonly Rule[] = [
  [
    /^(NOAUTH|WRONGPASS|NOPERM|DENIED)\b/,
    'Permission',
    'check the user and password of the client, and what the user may do',
  ],
  [/^OOM\b/, 'NoSpace', 'give the server more memory, or let it evict (maxmemory-policy)'],
  [
    /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|NOMASTERLINK|MOVED|ASK)\b/,
    'Connection',
    'try again later: the server is not ready',
  ],
  [/^READONLY\b/, 'Refused', 'connect to the primary: this server is a replica'],
  [/^WRONGTYPE\b/, 'Refused', 'the key holds something else than a string: use another key'],
  [/^(ERR|CROSSSLOT|NOSCRIPT|NOREPLICAS|MISCONF|EXECABORT|NOPROTO|IOERR)\b/, 'Refused', 'see what the server says'],
]
const closed =
  /Closed|Offline|Disconnect|SocketTimeout|ConnectionTimeout|Reconnect|RootNodes|Redirections|ConnectionDropped/
/**
 * Every error of server, client and network as a typed failure. What is no answer of the server says nothing about a
 * write that was sent: its outcome is unknown.
 */
export const classifyRedisError = (e: unknown, what: string): Failure => {
  const failure = classified(e, what)
  return isReply(e) ? failure : { ...failure, outcome: 'unknown' }
}
/** An error that the server answered with. */
const isReply = (e: unknown): boolean => {
  for (let c: unknown = e; c instanceof Error; c = Object.getPrototypeOf(c))
    if (c.constructor.name === 'ErrorReply') return true
  return rules.some(([when]) => when.test(messageOf(e)))
}

const classified = (e: unknown, what: string): Failure => {
  const said = messageOf(e)
  if (codeOf(e) === 'ERR_MODULE_NOT_FOUND')
    return { tag: 'Unknown', cause: "the package 'redis' is not installed", remedy: 'npm install redis', original: e }
  const known = rules.find(([when]) => when.test(said))
  if (known !== undefined) return { tag: known[1], cause: `${what} failed: ${said}`, remedy: known[2], original: e }
  const name = e instanceof Error ? e.constructor.name : ''
  if (name === 'AbortError')
    return { tag: 'Cancelled', cause: `${what} was cancelled`, remedy: 'run again', original: e }
  if (networkCode(codeOf(e)) !== undefined || closed.test(name))
    return {
      tag: 'Connection',
      cause: `${what} found no connection or lost it: ${said === '' ? name : said}`,
      remedy: 'check that the server runs and can be reached from here',
      original: e,
    }
  if (/^(Command)?Timeout/.test(name))
    return {
      tag: 'Timeout',
      cause: `${what} took longer than the client that was handed in allows`,
      remedy: 'give the client a longer limit, or none',
      original: e,
    }
  if (isReply(e))
    return { tag: 'Refused', cause: `${what} failed: ${said}`, remedy: 'see what the server says', original: e }
  return { tag: 'Unknown', cause: `${what} failed: ${said}`, remedy: 'see the original error', original: e }
}
