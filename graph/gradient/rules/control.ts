import type { NodeId, NodeView, Region } from '../../arena.ts'
import { mustMake } from '../../make.ts'
import type { ControlName } from '../../ops/index.ts'
import type { Type } from '../../types.ts'
import { elementOf } from '../../types.ts'
import { keptField } from '../answers.ts'
import type { Cells } from '../cells.ts'
import type { Cotangent, Path } from '../cotangent.ts'
import { fromLeaves, leaves, zeroAt } from '../cotangent.ts'
import { renamed } from '../names.ts'
import type { Decision, Rule, Sweep } from '../rule.ts'
import { flat, never, refused, rule } from '../rule.ts'

const param = (c: Cells, index: number, type: Type): NodeId => mustMake(c.arena, 'param', { index, type })
const key = (path: Path): string => JSON.stringify(path)

/** What flows into the operands of a body, by operand and path: the same for all bodies of an op. */
interface Slot {
  readonly operand: number
  readonly path: Path
}

/**
 * Flows back through bodies of which one runs: a node like this one, whose bodies compute what flows into the operands
 * from what they were given and what flows into their result. The first operands go to the op itself.
 */
const throughArms = (
  s: Sweep,
  g: Cotangent,
  node: NodeView,
  wanted: readonly boolean[],
  /** The operand that a parameter of a body stands for. */
  operandOf: (param: number, arm: number) => number | undefined,
): readonly ((() => Cotangent | undefined) | undefined)[] => {
  const c = s.cells
  const given = leaves(g)
  const arms = node.regions.map((r, arm) => {
    const params = [...r.params, ...given.map(([, x]) => c.arena.typeOf(x))]
    const ids = params.map((t, k) => param(c, k, t))
    const seed = fromLeaves(given.map(([path], k) => [path, ids[r.params.length + k]!] as const))!
    const own = r.params.flatMap((_, k) => {
      const operand = operandOf(k, arm)
      return operand !== undefined && wanted[operand] === true ? [{ k, operand }] : []
    })
    const root = renamed(c.arena, s.inline(r.root, ids), params, `/${node.id}`)
    const flows = s.back(
      root,
      seed,
      own.map(({ k }) => ids[k]!),
    )
    const found = own.flatMap(({ operand }, i) =>
      flows[i] === undefined ? [] : leaves(flows[i]).map(([path, x]) => ({ operand, path, x })),
    )
    return { params, ids, own, found }
  })
  const slots: Slot[] = []
  for (const { found } of arms)
    for (const { operand, path } of found)
      if (!slots.some((t) => t.operand === operand && key(t.path) === key(path))) slots.push({ operand, path })
  if (slots.length === 0) return []
  const fields = slots.map((_, k) => String(k))
  const regions = arms.map(({ params, ids, own, found }): Region => {
    const cells = slots.map(({ operand, path }) => {
      const flow = found.find((f) => f.operand === operand && key(f.path) === key(path))
      if (flow !== undefined) return flow.x
      const from = own.find((o) => o.operand === operand)
      return (from === undefined ? undefined : zeroAt(c, ids[from.k]!, path)) ?? emptyLike(c, arms, operand, path)
    })
    if (cells.includes(undefined)) {
      s.refuse(node, 'an arm does not know the size of what does not flow in it', 'give its tensors literal sizes')
      return { params, root: mustMake(c.arena, 'record', { fields: [] }, []) }
    }
    return { params, root: mustMake(c.arena, 'record', { fields }, cells as NodeId[]) }
  })
  if (regions.some((r) => (c.arena.typeOf(r.root) as { fields: readonly unknown[] }).fields.length === 0)) return []
  const args = [...node.args, ...given.map(([, x]) => x)]
  const made = mustMake(c.arena, node.op.name as 'cond', {}, args, regions)
  return node.args.map((_, operand) => {
    const own = slots.flatMap((t, k) => (t.operand === operand ? [{ path: t.path, name: fields[k]! }] : []))
    if (own.length === 0) return undefined
    return () => fromLeaves(own.map(({ path, name }) => [path, c.make('field', { name }, made)] as const))
  })
}
/** Zeros of literal size, as another arm has them. */
const emptyLike = (
  c: Cells,
  arms: readonly { readonly found: readonly (Slot & { readonly x: NodeId })[] }[],
  operand: number,
  path: Path,
): NodeId | undefined => {
  const x = arms.flatMap((a) => a.found).find((f) => f.operand === operand && key(f.path) === key(path))!.x
  const { elem, shape } = c.tensor(x)
  if (shape.some((d) => typeof d === 'string')) return undefined
  const zero = c.constant(elem, 0)
  return shape.length === 0 ? zero : c.widen(zero, shape, [], zero)
}

const cond: Rule = (s, g, node, wanted) => throughArms(s, g, node, wanted, (k) => k + 1)
const match: Rule = (s, g, node, wanted) => {
  const option = s.cells.arena.typeOf(node.args[0]!).kind === 'option'
  if (wanted[0] === true && !option) {
    s.refuse(node, 'unions and results have no derivative here', 'use a record, or decide by cond')
    return []
  }
  return throughArms(s, g, node, wanted, (k, arm) => (k > 0 ? k : arm === 1 ? 0 : undefined))
}

/**
 * Flows back through a map: a map over the elements with what flows into their results, whose body gives what flows into
 * the element, by columns, and into what it uses from outside, which is added over all elements.
 */
const map: Rule = (s, g, node, wanted) => {
  const c = s.cells
  const [list, ...captures] = node.args as [NodeId, ...NodeId[]]
  const [body] = node.regions
  const given = leaves(g)
  const asList = (x: NodeId): NodeId => (c.shape(x).length === 1 ? x : c.make('unstack', {}, x))
  const answers = s.kept.get(node.id) ?? []
  const names = ['e', ...given.map((_, k) => `g${k}`), ...answers.map((_, k) => keptField(k))]
  const told = answers.map((_, k) => c.make('column', { name: keptField(k) }, node.id))
  const rows = mustMake(c.arena, 'rows', { fields: names }, [list, ...given.map(([, x]) => asList(x)), ...told])
  const element = elementOf(c.arena.typeOf(rows))!.of
  const params = [element, ...body!.params.slice(1)]
  const [row, ...outer] = params.map((t, k) => param(c, k, t)) as [NodeId, ...NodeId[]]
  const part = (name: string): NodeId => c.make('field', { name }, row)
  const seed = fromLeaves(given.map(([path], k) => [path, part(`g${k}`)] as const))!
  const own = [part('e'), ...outer]
  const active = own.flatMap((x, operand) => (wanted[operand] === true ? [{ x, operand }] : []))
  const flows = s.back(
    s.inline(body!.root, own, new Map(answers.map((call, k) => [call, part(keptField(k))]))),
    seed,
    active.map((a) => a.x),
  )
  const slots = active.flatMap(({ operand }, i) =>
    flows[i] === undefined ? [] : leaves(flows[i]).map(([path, x]) => ({ operand, path, x })),
  )
  if (slots.length === 0) return []
  if (slots.some(({ x }) => c.shape(x).some((d) => typeof d === 'string'))) {
    s.refuse(
      node,
      'its body uses, or its elements hold, a tensor of a size that is not literal',
      'give that dimension a size (specialise), or write the map as operations on columns',
    )
    return []
  }
  const fields = slots.map((_, k) => String(k))
  const root = mustMake(
    c.arena,
    'record',
    { fields },
    slots.map((t) => t.x),
  )
  const made = mustMake(c.arena, 'map', {}, [rows, ...captures], [{ params, root }])
  return node.args.map((_, operand) => {
    const mine = slots.flatMap((t, k) => (t.operand === operand ? [{ path: t.path, name: fields[k]! }] : []))
    if (mine.length === 0) return undefined
    return () =>
      fromLeaves(
        mine.map(({ path, name }) => {
          const column = c.make('column', { name }, made)
          const all = c.arena.typeOf(column).kind === 'tensor' ? column : c.make('stack', {}, column)
          return [path, operand === 0 ? all : c.sum(all, [0])] as const
        }),
      )
  })
}

/**
 * A body that runs once is written out where it stands. The one that ran stands there too, and a name of a dimension has
 * one origin, so what arises in the copy has names of its own.
 */
const opened = (s: Sweep, { params, root }: Region, captures: readonly NodeId[], mark: string): NodeId => {
  const alone = s.inline(
    root,
    params.map((type, k) => param(s.cells, k, type)),
  )
  return s.inline(renamed(s.cells.arena, alone, params, mark), captures)
}
const fork: Rule = (s, g, node) => {
  const { fields } = node.op.attrs as { fields: readonly string[] }
  const flow = g as ReadonlyMap<string, Cotangent>
  const branches = fields.flatMap((f, k) => (flow.has(f) ? [{ region: node.regions[k]!, g: flow.get(f)! }] : []))
  const { cells: c } = s
  const results = branches.map((b) => opened(s, b.region, node.args, `/${node.id}`))
  const names = branches.map((_, k) => String(k))
  const all = mustMake(c.arena, 'record', { fields: names }, results)
  const flows = s.back(all, new Map(branches.map((b, k) => [names[k]!, b.g])), node.args)
  return flows.map((f) => () => f)
}
const cached: Rule = (s, g, node) => {
  const captures = node.args.slice(1)
  const result = opened(s, node.regions[0]!, captures, `/${node.id}`)
  return [undefined, ...s.back(result, g, captures).map((f) => () => f)]
}
/** First the one, then the other, whose value it has; an assertion the same. */
const second: Rule = (_, g) => [undefined, () => g]

const later = never('it does not occur in graphs as they are written')
export const controlRules: Readonly<Record<ControlName, Decision>> = {
  input: never('what has a derivative by it is asked for by name'),
  param: never('bodies are followed with operands in their place'),
  absent: later,
  map: rule(map),
  forkMap: rule(map),
  mapBatched: later,
  ahead: later,
  cond: rule(cond),
  match: rule(match),
  loop: refused(
    'a loop would have to be run backwards, from states that nobody keeps',
    'write the steps out, or give the derivative of what it converges to by a formula of its own',
  ),
  fork: rule(fork),
  sequence: rule(second),
  cached: rule(cached),
  attempt: refused('results have no derivative here', 'compute outside of attempt with what it gave'),
  transaction: refused(
    'what a transaction gives counts as a constant, and this depends on an input',
    'compute outside',
  ),
  assert: rule(second),
  kernel: later,
}
export const effectRule: Decision = flat('what the outside answers counts as a constant')
