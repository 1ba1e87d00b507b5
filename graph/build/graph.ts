import type { NodeId } from '../arena.ts'
import { checkGraph } from '../check.ts'
import type { Either } from '../either.ts'
import { left, right } from '../either.ts'
import type { CompileError, Problem } from '../errors.ts'
import { bug } from '../errors.ts'
import type { Graph } from '../graph.ts'
import { canonicalise } from '../listing.ts'
import type { Type, Fields as TypeFields } from '../types.ts'
import { freeDims, isRagged, record, showType, unit } from '../types.ts'
import { postorder } from '../walk.ts'
import { unwrap } from './base.ts'
import { Builder, during, isBuilding } from './builder.ts'
import type { ExprsOf, Shape } from './codec.ts'
import { wrap } from './expr.ts'
import { namedObjects } from './named.ts'
import { placeOf, userPlace } from './place.ts'
import { lostWrite } from './region.ts'
import { isPoisoned } from './scope.ts'
import type { Taps } from './taps.ts'
import { sealTaps } from './taps.ts'
import type { Given, In, Lifted, Out } from './types.ts'

export type InvalidGraph = Extract<CompileError, { readonly _tag: 'InvalidGraph' }>

/** What `graph` gives: the sealed graph, or everything that is wrong with it; and the types of its run. */
export interface Built<Input = unknown, Output = unknown> {
  readonly name: string
  readonly sealed: Either<InvalidGraph, Graph<'source'>>
  /** The type of the inputs, a record, and of the result (unit where the graph could not be sealed). */
  readonly inputType: Type
  readonly outputType: Type
  /** Values to be shown on the way; nothing that is compiled depends on them. */
  readonly taps?: Taps
  /** Types only. */
  readonly ' input'?: Input
  readonly ' output'?: Output
}

export const invalidGraph = (
  stage: InvalidGraph['stage'],
  name: string,
  problems: readonly Problem[],
  more = 0,
): InvalidGraph => {
  const n = problems.length + more
  return {
    _tag: 'InvalidGraph',
    stage,
    place: problems[0]?.place ?? '',
    problems,
    cause: `graph '${name}' has ${n} problem${n === 1 ? '' : 's'}${more > 0 ? `, of which the first ${problems.length} are listed` : ''}`,
    remedy: problems[0]?.remedy ?? 'correct the graph',
  }
}

type Flat<T> = { readonly [K in keyof T]: T[K] }

/**
 * Builds a graph. The body receives its inputs as expressions and returns the result: an expression, or a plain object
 * of them, nested as you like. It runs once, here; nothing in it throws: what is wrong is in `sealed`, all of it.
 *
 *     const g = graph('double', { x: t.f64 }, ({ x }) => ({ y: x.mul(2) }))
 *     if (g.sealed._tag === 'Left') console.error(describeError(g.sealed.left))
 */
export const graph = <S extends Shape, Y extends Given>(
  name: string,
  inputs: S,
  body: (inputs: Flat<ExprsOf<S>>) => Y,
): Built<Flat<{ readonly [K in keyof S]: In<ExprsOf<S>[K]> }>, Out<Lifted<Y>>> => {
  const given = Object.entries((inputs as S | undefined) ?? {}) as [string, S[string] | undefined][]
  // Without types, anything can stand where a codec should; it becomes a unit, and a problem below.
  const fields: TypeFields = given.map(([n, c]) => [n, c?.type ?? unit] as const)
  const inputType = record(fields)
  const failed = (problems: readonly Problem[], more = 0) => ({
    name,
    inputType,
    outputType: unit,
    sealed: left(invalidGraph('build', name, problems, more)),
  })
  if (isBuilding()) {
    return failed([
      {
        node: name,
        place: userPlace(),
        cause: `graph '${name}' is built inside the body of another graph`,
        remedy: 'build it outside; share parts of graphs as plain functions on expressions',
      },
    ])
  }
  if (typeof body !== 'function') {
    const remedy = `give a function of its inputs: graph('${name}', { x: t.f64 }, ({ x }) => ({ y: x.mul(2) }))`
    return failed([{ node: name, place: userPlace(), cause: `graph '${name}' has no body`, remedy }])
  }
  if (typeof inputs !== 'object' || inputs === null) {
    const cause = `what graph '${name}' takes is ${String(inputs)}`
    return failed([{ node: name, place: userPlace(), cause, remedy: 'give its inputs by name, { x: t.f64 }, or {}' }])
  }
  const b = new Builder(name)
  const sealed = during(b, () => {
    for (const [n, c] of given) {
      if (c?.type === undefined) b.fail(n, `input '${n}' has no codec`, `say what it is: { ${n}: t.f64 }`)
      else if (freeDims(c.type).some(isRagged))
        b.fail(
          n,
          `input '${n}' is ${showType(c.type)}, and a name that begins with '~' varies from element to element of a list`,
          'leave out the ~, or put the type into t.list(…)',
        )
    }
    const root = run(b, fields, body as (inputs: never) => unknown)
    if (root >= 0 && !b.failed && b.scope.writers.length > 0) {
      const reached = new Set(postorder(b.arena, root))
      for (const w of b.scope.writers) if (!reached.has(w.id)) lostWrite(b, w)
    }
    b.sealed = true
    b.scope.closed = true
    return root
  })
  if (b.failed || sealed < 0) {
    const none = {
      node: name,
      place: '',
      cause: 'the result is not known',
      remedy: 'return an expression or an object of expressions',
    }
    return failed(b.failed ? b.problems : [none], b.more)
  }
  try {
    const own = { name, stage: 'source', arena: b.arena, inputs: fields, root: sealed, sites: b.sites } as const
    const g = canonicalise<'source'>(own)
    const problems = checkGraph(g)
    return problems.length > 0
      ? failed(problems)
      : {
          name,
          inputType,
          outputType: g.arena.typeOf(g.root),
          sealed: right(g),
          taps: sealTaps(own, g, b.taps, b.closedTaps),
        }
  } catch (e) {
    const { cause, remedy } = bug(name, e)
    return failed([{ node: name, place: '', cause, remedy }])
  }
}

const inputsObject = namedObjects('input', wrap)
/** Runs the body; an error thrown by it is one more problem. */
const run = (b: Builder, fields: TypeFields, body: (inputs: never) => unknown): NodeId => {
  try {
    if (fields.some(([n]) => n === '__proto__'))
      b.fail('input', "an input cannot be called '__proto__'", 'give it another name')
    const given = inputsObject(fields.map(([n, type]) => [n, wrap(b.node('input', { name: n, type }))] as const))
    const root = unwrap(body(given as never))
    if (isPoisoned(root)) return -1
    return b.usable('the result', [root]) ? root.id : -1
  } catch (e) {
    const said = e instanceof Error ? e.message : String(e)
    const after = b.failed ? ' (it may follow from the problems above)' : ''
    b.fail(
      b.graph,
      `the body threw: ${said}${after}`,
      'correct the body; it runs once, when the graph is built',
      unit,
      placeOf(e),
    )
    return -1
  }
}
