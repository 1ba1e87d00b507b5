import type { Attributes } from '@opentelemetry/api'
import type { TraceEvent } from '../trace.ts'

type Asked = Extract<TraceEvent, { readonly event: 'effect' | 'batch' }>

/** Whether a call leaves the process. */
export const goesOut = ({ effect }: Asked): boolean => !inside.has(effect)
const inside: ReadonlySet<string> = new Set(['nowMs', 'randomBytes', 'logLine', 'fileRead', 'fileWrite'])

/** What is told of a call, in the words of the semantic conventions where they have one. No argument is among it. */
export const attributesOf = (e: Asked): Attributes => ({
  'quoin.effect': e.effect,
  'quoin.node': e.node === '' ? e.name : e.node,
  'quoin.occurrence': e.occurrence,
  'quoin.outcome': e.outcome,
  ...(e.place === '' ? {} : { 'quoin.place': e.place }),
  ...(e.outcome === 'ok' ? {} : { 'error.type': e.outcome }),
  ...(e.event === 'effect'
    ? { 'quoin.iteration': [...e.iteration] }
    : { 'quoin.round_trips': e.roundTrips, 'quoin.batch.size': e.size }),
  ...protocol(e),
})

const protocol = (e: Asked): Attributes => {
  const { attrs } = e
  // The conventions know batches of two or more only.
  const size: Attributes = e.event === 'batch' && e.size > 1 ? { 'db.operation.batch.size': e.size } : {}
  if ('sql' in attrs)
    return {
      'db.system.name': e.system ?? 'other_sql',
      'db.query.text': e.statement ?? attrs.sql,
      'db.query.summary': attrs.name,
      ...size,
    }
  if ('store' in attrs) {
    const operation = { kvGet: 'GET', kvSet: 'SET', kvDelete: 'DEL' }[e.effect as 'kvGet']
    const system = e.system === undefined ? {} : { 'db.system.name': e.system }
    return { ...system, 'db.collection.name': attrs.store, 'db.operation.name': operation, ...size }
  }
  if ('service' in attrs) {
    // Of several requests there is no one status.
    const one = e.event === 'effect' || e.roundTrips === 1
    const status: Attributes = e.status === undefined || !one ? {} : { 'http.response.status_code': e.status }
    const request = { 'http.request.method': attrs.method, 'url.template': attrs.url.join('{}') }
    return { ...request, ...status, 'quoin.service': attrs.service }
  }
  return 'root' in attrs ? { 'quoin.root': attrs.root } : {}
}
