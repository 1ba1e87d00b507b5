import type { Arena, NodeId, NodeView } from './arena.ts'
import type { Answer, Call } from './effects.ts'
import { isEffect } from './effects.ts'
import type { Either } from './either.ts'
import { isLeft, left, right } from './either.ts'
import type { RunError } from './errors.ts'
import type { Graph } from './graph.ts'
import { siteOf } from './graph.ts'
import { assertionRemedy, brokenAssertion } from './meaning/assertion.ts'
import { fromJson } from './meaning/data.ts'
import { open } from './meaning/structure.ts'
import type { Need } from './need.ts'
import { needOfBody, planOf } from './need.ts'
import type { OpName } from './ops/index.ts'
import { declOf } from './ops/index.ts'
import type { Boundary, TransactionAttrs } from './transaction.ts'
import { mayRetry } from './transaction.ts'
import type { Type } from './types.ts'
import { elementOf } from './types.ts'
import type { Column, Json, RecordValue, Value } from './values.ts'
import { collect, elementAt, filler, lengthOf } from './values.ts'

/**
 * The meaning of graphs. Everything else in Quoin is right exactly when it agrees with this file, to the last bit.
 *
 * `evaluate` computes what is needed, in program order, and yields each effect to whoever runs it (a model world, or
 * real drivers), who answers with a value or an error. `map`, `sequence` and operands stop at the first error; `fork`
 * and `forkMap` run every branch and then give the leftmost error; `attempt` turns an error into data. A `transaction` is
 * marked by its boundaries, between which an error undoes what was written.
 */
/** Yields calls, and where transactions begin and end. */
export type Evaluation = Generator<Call | Boundary, Answer, Answer>
export type Inputs = Readonly<Record<string, Value>>

/** A pure operation that whoever runs the evaluation wanted to do himself, later or elsewhere. Its answer is its value. */
export interface Aside {
  readonly effect: 'meaning'
  readonly op: string
  readonly attrs: object
  readonly args: readonly Value[]
  readonly types: readonly Type[]
  readonly result: Type
}
/** Asked before each pure operation, whether it is to be yielded as an `Aside`. */
export type Apart = (op: string, args: readonly Value[]) => boolean
export type EvaluationInParts = Generator<Call | Boundary | Aside, Answer, Answer>

/** Sees every value that is computed, with how much of it is needed; the rest of it may be filled in. */
export type Watch = (region: NodeId, id: NodeId, value: Value, need: Need, iteration: readonly number[]) => void

export function* evaluate(g: Graph, inputs: Inputs, watch?: Watch): Evaluation {
  // Nothing is set apart where nobody asks for it.
  return yield* new Evaluator(g, inputs, watch, undefined).region(g.root, true, [], []) as Evaluation
}
/** The same evaluation, in which pure operations can be left to whoever runs it: so that he need not stand still. */
export function* evaluateInParts(g: Graph, inputs: Inputs, watch: Watch | undefined, apart: Apart): EvaluationInParts {
  return yield* new Evaluator(g, inputs, watch, apart).region(g.root, true, [], [])
}

class Evaluator {
  readonly #graph: Graph
  readonly #arena: Arena
  readonly #inputs: Inputs
  readonly #watch: Watch | undefined
  readonly #apart: Apart | undefined
  constructor(graph: Graph, inputs: Inputs, watch: Watch | undefined, apart: Apart | undefined) {
    this.#watch = watch
    this.#apart = apart
    this.#graph = graph
    this.#arena = graph.arena
    this.#inputs = inputs
  }

  /** The value of a region's root, given its parameters; `iteration` says where in the surrounding loops we are. */
  *region(root: NodeId, need: Need, params: readonly Value[], iteration: readonly number[]): EvaluationInParts {
    const plan = planOf(this.#arena, root, need)
    const env = new Map<NodeId, Value>()
    for (const id of plan.order) {
      const node = this.#arena.node(id)
      const answer = yield* this.#node(node, plan.need.get(id)!, env, params, iteration)
      if (isLeft(answer)) return answer
      env.set(id, answer.right)
      this.#watch?.(root, id, answer.right, plan.need.get(id)!, iteration)
    }
    return right(env.get(root) ?? filler(this.#arena.typeOf(root)))
  }

  *#node(
    node: NodeView,
    need: Need,
    env: ReadonlyMap<NodeId, Value>,
    params: readonly Value[],
    iteration: readonly number[],
  ): EvaluationInParts {
    // What the plan leaves out is never looked at: a filler stands for it.
    const args = node.args.map((a) => env.get(a) ?? filler(this.#arena.typeOf(a)))
    const name = node.op.name as OpName
    const attrs = node.op.attrs as never
    const decl = declOf(name)
    if (decl.meaning !== undefined) {
      const types = node.args.map((a) => this.#arena.typeOf(a))
      if (this.#apart?.(name, args) === true)
        return yield { effect: 'meaning', op: name, attrs, args, types, result: node.type }
      return right(decl.meaning(attrs, args, types, node.type))
    }
    if (isEffect(name))
      return yield {
        effect: name,
        attrs,
        args,
        argTypes: node.args.map((a) => this.#arena.typeOf(a)),
        iteration,
      } as Call
    const body = (k: number, given: readonly Value[]): EvaluationInParts =>
      this.region(node.regions[k]!.root, needOfBody(node, k, need), given, iteration)
    switch (name) {
      case 'input':
        return right(this.#inputs[(attrs as { name: string }).name]!)
      case 'param':
        return right(params[(attrs as { index: number }).index]!)
      case 'absent':
        return right(filler(node.type))
      case 'sequence':
        return right(args[1]!)
      case 'ahead':
        return right(args[0]!)
      case 'assert':
        return this.#assert(node, args, iteration)
      case 'decodeJson':
        return this.#decode(node, args[0] as Json, iteration)
      case 'map':
      case 'mapBatched':
      case 'forkMap':
        return yield* this.#map(node, args, need, iteration)
      case 'cond':
        return yield* body(args[0] === true ? 0 : 1, args.slice(1))
      case 'match': {
        const found = open(this.#arena.typeOf(node.args[0]!), args[0]!)
        return yield* body(found.index, [found.value, ...args.slice(1)])
      }
      case 'loop':
        return yield* this.#loop(node, args, iteration)
      case 'fork':
        return yield* this.#fork(node, args, need, iteration)
      // Remembering never changes what a cached body means, so the meaning does not remember.
      case 'cached':
        return yield* body(0, args.slice(1))
      case 'transaction':
        return yield* this.#transaction(node, args, iteration)
      case 'kernel':
        return yield* body(0, args)
      case 'attempt': {
        const r = yield* body(0, args)
        if (!isLeft(r)) return right({ _tag: 'Ok', value: r.right })
        return isData(r.left) ? right({ _tag: 'Err', error: { tag: r.left._tag, message: r.left.cause } }) : r
      }
      default:
        throw new Error(`bug: ${name} has no meaning`)
    }
  }

  *#map(node: NodeView, args: readonly Value[], need: Need, iteration: readonly number[]): EvaluationInParts {
    const list = args[0] as Column
    const { of } = elementOf(this.#arena.typeOf(node.args[0]!))!
    const apart = node.op.name === 'forkMap' || (node.op.attrs as { fork?: boolean }).fork === true
    const items: Value[] = []
    let failed: Either<RunError, never> | undefined
    for (let i = 0; i < lengthOf(list); i++) {
      const r = yield* this.region(
        node.regions[0]!.root,
        need,
        [elementAt(of, list, i), ...args.slice(1)],
        [...iteration, i],
      )
      if (!isLeft(r)) items.push(r.right)
      else if (!apart) return r
      else failed ??= r
    }
    return failed ?? right(collect(this.#arena.typeOf(node.regions[0]!.root), items))
  }

  *#fork(node: NodeView, args: readonly Value[], need: Need, iteration: readonly number[]): EvaluationInParts {
    const { fields } = node.op.attrs as { fields: readonly string[] }
    const out: Record<string, Value> = {}
    let failed: Either<RunError, never> | undefined
    for (const [i, f] of fields.entries()) {
      const r = yield* this.region(node.regions[i]!.root, needOfBody(node, i, need), args, iteration)
      if (isLeft(r)) failed ??= r
      else out[f] = r.right
    }
    return failed ?? right(out as RecordValue)
  }

  *#loop(node: NodeView, args: readonly Value[], iteration: readonly number[]): EvaluationInParts {
    const { max } = node.op.attrs as { max: number }
    let state = args[0] as Value
    for (let i = 0; i < max; i++) {
      const given = [state, ...args.slice(1)]
      const go = yield* this.region(node.regions[0]!.root, true, given, [...iteration, i])
      if (isLeft(go)) return go
      if (go.right !== true) break
      const next = yield* this.region(node.regions[1]!.root, true, given, [...iteration, i])
      if (isLeft(next)) return next
      state = next.right
    }
    return right(state)
  }

  *#transaction(node: NodeView, args: readonly Value[], iteration: readonly number[]): EvaluationInParts {
    const attrs = node.op.attrs as TransactionAttrs
    const [authority, captures] = attrs.authority ? [args[0], args.slice(1)] : [undefined, args]
    for (let attempt = 0; ; attempt++) {
      const edge = { effect: 'transaction', attrs, authority, iteration, attempt } as const
      const begun = yield { ...edge, edge: 'begin' } satisfies Boundary
      if (isLeft(begun)) return begun
      const value = yield* this.region(node.regions[0]!.root, true, captures, iteration)
      const end = yield { ...edge, edge: 'end', ...(isLeft(value) ? { failure: value.left } : {}) } satisfies Boundary
      const answer = isLeft(value) || !isLeft(end) ? value : end
      if (!mayRetry(edge, answer)) return answer
    }
  }

  #assert(node: NodeView, args: readonly Value[], iteration: readonly number[]): Answer {
    const attrs = node.op.attrs as { occurrence: number; message: string }
    const message = brokenAssertion(attrs.message, args)
    return message === undefined
      ? right(args[1]!)
      : left(assertionFailed(this.#graph, { ...attrs, message }, iteration))
  }

  #decode(node: NodeView, document: Json, iteration: readonly number[]): Answer {
    const { occurrence, to } = node.op.attrs as { occurrence: number; to: NodeView['type'] }
    const r = fromJson(to, document)
    return 'value' in r
      ? right(r.value)
      : left({
          _tag: 'DecodeFailed',
          ...whereIs(this.#graph, occurrence),
          occurrence,
          iteration,
          cause: r.problem,
          remedy: 'correct the document, or decode it at a type that allows what it holds',
        })
  }
}

const whereIs = (g: Graph, occurrence: number): { node: string; place: string } => {
  const site = siteOf(g, occurrence)
  return { node: site.name, place: site.place }
}
export const assertionFailed = (
  g: Graph,
  a: { occurrence: number; message: string },
  iteration: readonly number[],
): RunError => ({
  _tag: 'AssertionFailed',
  ...whereIs(g, a.occurrence),
  occurrence: a.occurrence,
  iteration,
  cause: a.message,
  remedy: assertionRemedy(a.message),
})

/** Errors that `attempt` sees as data; the run being over (cancelled, out of resources, a bug) is not data. */
export const isData = (e: RunError): boolean => 'occurrence' in e && e._tag !== 'Cancelled'

/**
 * Runs an evaluation to its end against something that answers at once, such as a model world. Transactions begin and end
 * well unless `boundary` says otherwise; what undoing means is up to that world.
 */
export const runPure = (
  evaluation: Evaluation,
  answer: (call: Call) => Answer,
  boundary: (b: Boundary) => Answer = () => right(null),
): Answer => {
  let step = evaluation.next()
  while (step.done !== true)
    step = evaluation.next(step.value.effect === 'transaction' ? boundary(step.value) : answer(step.value))
  return step.value
}
