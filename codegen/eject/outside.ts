import type { EffectName } from '../../graph/errors.ts'
import type { Json } from '../../graph/values.ts'
import type { Step } from '../program/types.ts'
import { inputType, outputType } from '../targets/module/host-types.ts'
import type { Tree } from './literal.ts'
import { data, unquoted, written } from './literal.ts'
import type { Ejected } from './module.ts'
import type { Names } from './names.ts'

/** A call to the outside, by the name that it has in the interface of an ejected module. */
export interface Asked {
  readonly name: string
  readonly occurrence: number
  readonly effect: EffectName
  readonly step: Step
  readonly attrs: Readonly<Record<string, Json>>
  /** As the graph calls it, for errors. */
  readonly node: string
  readonly place: string
}

export const asked = (e: Ejected, names: Names): readonly Asked[] => {
  names.take('transaction', 'transaction')
  const found = new Map<number, Asked>()
  for (const b of e.program.blocks) {
    // What a look ahead asks, its body asks as well.
    if (b.scout === true) continue
    for (const s of b.steps) {
      if (s.kind !== 'effect') continue
      const attrs = s.attrs as Readonly<Record<string, Json>> & { readonly occurrence: number; readonly name?: string }
      const { occurrence } = attrs
      if (found.has(occurrence)) continue
      const site = e.site(occurrence)
      const node = attrs.name ?? s.op
      found.set(occurrence, {
        name: names.take(site.name === '' ? node : site.name, s.op),
        occurrence,
        effect: s.op as EffectName,
        step: s,
        attrs,
        node,
        place: site.place,
      })
    }
  }
  return [...found.values()]
}
export const hasTransactions = (e: Ejected): boolean =>
  e.program.blocks.some((b) => b.steps.some((s) => s.kind === 'transaction'))

const lookup = (q: Asked): boolean => q.effect === 'dbQuery' && q.attrs.mode === 'one'

/** What has to be written by hand to replace Quoin's drivers. */
export const outsideText = (e: Ejected, all: readonly Asked[]): string => {
  const type = (i: number) => e.program.types[i]!
  const members = all.flatMap((q) => {
    const args = `readonly [${q.step.argTypes.map((t) => outputType(type(t))).join(', ')}]`
    const answer = `${inputType(type(q.step.type))}${lookup(q) ? ' | null' : ''}`
    return [
      `  /** ${told(q)} */`,
      unquoted(`  readonly ${q.name}: (args: ${args}, at: At) => Promise<Either<Failure, ${answer}>>`),
    ]
  })
  const transaction = [
    '  /** Does the body in a transaction, to which all calls of `inside` go; commits if it answers `true`, else rolls back. */',
    '  readonly transaction: (t: Transaction, body: (inside: Outside) => Promise<boolean>) => Promise<Either<Failure, unknown>>',
  ]
  return [
    '/** What the graph asks of the outside. Each answers with a value or an error; what it throws becomes an error. */',
    'export interface Outside {',
    ...members,
    ...(hasTransactions(e) ? transaction : []),
    '}',
  ].join('\n')
}
const told = (q: Asked): string => {
  const { sql, authority } = q.attrs
  const who = authority === true ? '; the first argument is the authority' : ''
  const what = typeof sql === 'string' ? `: ${sql.replace(/\s+/g, ' ').trim().replaceAll('*/', '* /')}` : ''
  return `${q.effect} ${JSON.stringify(q.node)}${lookup(q) ? ', exactly one row (null is the error NoRow)' : ''}${who}${what}`
}

/** Everything that the graph says about its calls, as data for whoever performs them. */
export const callsText = (all: readonly Asked[]): string => {
  const fields = all.map(
    ({ name, effect, attrs: { occurrence: _, ...attrs } }) => [name, data({ effect, ...attrs })] as const,
  )
  return `/** What the graph says about each of these calls: statements, paths, limits. */\nexport const calls = ${written({ fields }, '', 200)} as const`
}

export const questionsText = (all: readonly Asked[], type: (index: number) => string): string => {
  const one = (q: Asked): Tree => ({
    fields: [
      ...Object.entries({ occurrence: q.occurrence, node: q.node, place: q.place, effect: q.effect }).map(
        ([k, v]) => [k, data(v)] as const,
      ),
      ['args', q.step.argTypes.map((t) => ({ text: type(t) }))],
      ['answer', { text: type(q.step.type) }],
      ...(lookup(q) ? [['required', { text: 'true' }] as const] : []),
      ...(q.effect === 'dbQuery' && q.attrs.mode === 'many' ? [['maxRows', data(q.attrs.maxRows)] as const] : []),
    ],
  })
  const fields = all.map((q) => [q.name, one(q)] as const)
  return `const asked = ${written({ fields }, '', 200)} as const satisfies Readonly<Record<string, Question>>`
}
