import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonical } from '../../graph/make.ts'
import type { Json } from '../../graph/values.ts'
import { rebuild, withParts } from '../../graph/walk.ts'
import type { CertificateKind, Obligation } from '../../passes/index.ts'
import { laws, modes, orders } from '../../passes/laws/index.ts'
import type { Item } from '../../passes/simplify/build.ts'
import type { Step } from '../../passes/simplify/settle.ts'
import { Settler } from '../../passes/simplify/settle.ts'
import type { Corruption, How } from './corrupt.ts'

/** What is known here, apart from any checker, about the certificates of one kind. */
export interface Evidence {
  /** What a certificate says of a graph, as text, whatever order it says it in: a corruption with equal text is none. */
  readonly says: (certificate: Json, before: Graph) => string
  /** The obligations that may refuse this corruption: the right reasons. */
  readonly reasons: (c: Corruption) => readonly Obligation[]
}

type Fields = { readonly [k: string]: Json }
const list = (j: Json | undefined): readonly Json[] => (Array.isArray(j) ? (j as readonly Json[]) : [])
const isList = (j: Json | undefined): boolean => Array.isArray(j)
const fields = (j: Json): Fields => (typeof j === 'object' && j !== null && !Array.isArray(j) ? (j as Fields) : {})
/** A list of which only the members count, not their order. */
const asSet = (j: Json | undefined, member: (x: Json) => Json = (x) => x): Json =>
  isList(j)
    ? list(j)
        .map((x) => canonical(member(x)))
        .sort()
    : ['not a list', j ?? null]
const withSet = (j: Json, name: string, member?: (x: Json) => Json): Json =>
  Object.hasOwn(fields(j), name) ? { ...fields(j), [name]: asSet(fields(j)[name], member) } : j

/** A claim whose form is broken is not one; other changes are refused by the obligations given for them. */
const byChange =
  (table: { readonly [H in How]?: readonly Obligation[] }, others: readonly Obligation[]) =>
  (c: Corruption): readonly Obligation[] =>
    // What the outermost object lost, or a certificate of no kind, is found before anything is followed.
    c.path.length === 0 || c.path[0] === 'kind' ? ['certificate'] : (table[c.how] ?? others)

/** Certificates of what happens to the graph; the one of where its steps run has wrong ones of its own in `test/place`. */
export type Rewriting = Exclude<CertificateKind, 'place'>

/**
 * One entry a kind of certificate; a new kind does not compile without one. `exact` is for certificates in which every
 * character counts and any obligation may be the one that finds the change.
 */
export const exact: Evidence = { says: canonical, reasons: byChange({}, ['certificate', 'graph', 'legality', 'order']) }

export const evidence: Readonly<Record<Rewriting, Evidence>> = {
  merge: {
    says: (c) => canonical(withSet(c, 'merged')),
    // A merge that is left out is missed in the graph, or in the operands of one that follows from it.
    reasons: byChange({ duplicate: ['certificate'] }, ['certificate', 'legality', 'graph']),
  },
  simplify: {
    // A step at a node that another step drops says nothing about the result; so what counts is what the steps make.
    says: (c, before) => {
      const made = redo(c, before)
      return made === undefined
        ? canonical(c)
        : canonical([made, asSet(fields(c).modes), fields({ ...fields(c), modes: [], steps: [] })])
    },
    reasons: byChange({ duplicate: ['certificate'] }, ['certificate', 'legality', 'graph']),
  },
  dce: {
    says: (c) => canonical(withSet(c, 'regions', (r) => withSet(r, 'needs'))),
    // Every node and how much of it is claimed, so what is claimed wrongly is found before a graph is made from it.
    reasons: byChange({ duplicate: ['certificate'], flag: ['legality'] }, ['certificate', 'legality']),
  },
  vectorise: {
    says: (c) => canonical(withSet(withSet(c, 'lifted'), 'projected')),
    reasons: byChange({ duplicate: ['certificate'] }, ['certificate', 'legality', 'graph']),
  },
  batch: {
    // Which words say what is assumed about the SQL is for people; that there are some is looked at.
    says: (c) =>
      canonical(
        withSet(c, 'plans', (p) =>
          typeof fields(p).assumes === 'string' && fields(p).assumes !== '' ? { ...fields(p), assumes: 'words' } : p,
        ),
      ),
    reasons: byChange({}, ['certificate']),
  },
  fuse: exact,
}

/** The graph that the steps of a certificate make, by the rewriting of the pass itself; nothing where one does not apply. */
const redo = (c: Json, before: Graph): NodeId | undefined => {
  const { arena } = before
  const steps = list(fields(c).steps)
  if (!steps.every((s) => isList(s) && list(s).length === 3)) return undefined
  const run = new Retold(before, steps as readonly Step[])
  const root = rebuild(arena, before.root, (node, args, bodies) => run.settle(withParts(arena, node, args, bodies)))
  return run.wrong || run.told.size > 0 ? undefined : root
}
class Retold extends Settler {
  wrong: boolean
  readonly told: Map<number, Step>
  constructor({ arena, root }: Graph, steps: readonly Step[]) {
    super(arena, root, laws, modes, Number.POSITIVE_INFINITY)
    this.told = new Map(steps.map((s) => [s[0], s]))
    this.wrong = this.told.size !== steps.length
  }
  protected override apply(id: NodeId, visit: number): readonly Item[] | undefined {
    const step = this.told.get(visit)
    if (step === undefined) return undefined
    this.told.delete(visit)
    const [, name, order] = step
    const law = laws.find((l) => l.name === name)
    const left = law === undefined ? undefined : orders(law.left)[order]
    const folded = name === 'constant' && order === 0 ? this.constant(id) : undefined
    const items = folded !== undefined ? [() => folded] : left === undefined ? undefined : this.try(law!, left, id)
    this.wrong ||= items === undefined
    return items
  }
}
