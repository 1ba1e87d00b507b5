import type { NodeId } from '../graph/arena.ts'
import { checkGraph } from '../graph/check.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left } from '../graph/either.ts'
import type { CompileError } from '../graph/errors.ts'
import { excerpt } from '../graph/excerpt.ts'
import type { Graph } from '../graph/graph.ts'
import type { Stage } from '../graph/ops/index.ts'
import { stages } from '../graph/ops/index.ts'
import type { StaticChoice } from '../graph/statics.ts'
import type { Certificate } from './certificate.ts'
import { judge } from './check/index.ts'
import type { Mode } from './laws/index.ts'
import type { Note, Outcome, Pass, Tell } from './pass.ts'
import { pipelineFor } from './pipeline.ts'
import { countNodes } from './rewrite.ts'

export type OptimizationFailed = Extract<CompileError, { _tag: 'OptimizationFailed' }>

export interface OptimiseOptions {
  /** False leaves the graph as it was written; only its stage advances. */
  readonly optimize?: boolean
  /** Names of passes of the pipeline to leave out. */
  readonly off?: readonly string[]
  /** Modes of relaxed laws that may be used; each one used becomes an entry of the inventory. */
  readonly relax?: readonly Mode[]
  /**
   * Databases (by the name given to `sql`) where a query may be answered as of the same moment as those it depends on:
   * the levels of nested queries then take one round trip, if the driver can do that. An isolation assumption.
   */
  readonly collapse?: readonly string[]
  /** Operations to leave to hand-written kernels. */
  readonly statics?: readonly StaticChoice[]
  /** Passes to run after those of the pipeline; they are checked like every other. */
  readonly extra?: readonly Pass[]
}

/** What one pass did. */
export interface Step {
  readonly pass: string
  readonly ms: number
  readonly checkMs: number
  readonly nodesBefore: number
  readonly nodesAfter: number
  readonly changed: boolean
  readonly certificate: Certificate
  readonly notes: readonly Note[]
}
export interface Optimised {
  readonly graph: Graph<'fused'>
  /** Passes whose work was accepted, in order. */
  readonly steps: readonly Step[]
  /** Passes whose work was dropped: they cost speed, never an answer. */
  readonly failures: readonly OptimizationFailed[]
}

/**
 * Runs the pipeline. After each pass the graph is checked, and the checker of the certificate decides; what is refused,
 * or throws, is dropped, and the next pass works on the graph as it was.
 */
export const optimise = (graph: Graph, options: OptimiseOptions = {}): Optimised => {
  const off = new Set(options.off)
  const passes =
    options.optimize === false
      ? []
      : [...pipelineFor(options.collapse).filter((p) => !off.has(p.name)), ...(options.extra ?? [])]
  const steps: Step[] = []
  const failures: OptimizationFailed[] = []
  let now: Graph = {
    ...graph,
    ...(options.relax === undefined ? {} : { relaxed: options.relax }),
    ...(options.statics === undefined ? {} : { statics: options.statics }),
  }
  let nodes = countNodes(graph.arena, graph.root)
  let checked: NodeId | undefined
  for (const pass of passes) {
    // A pass that was left out still advances the stage: a graph of an earlier stage is legal at a later one.
    const tried = runPass(pass, atLeast(now, pass.from), { nodes, checked })
    if (isLeft(tried)) {
      failures.push(tried.left)
      continue
    }
    steps.push(tried.right.step)
    now = tried.right.graph
    nodes = tried.right.step.nodesAfter
    checked = now.root
  }
  const { relaxed: _, ...plain } = now
  const used = [...new Set(steps.flatMap((s) => (s.certificate.kind === 'simplify' ? s.certificate.modes : [])))]
  const done: Graph = used.length === 0 ? plain : { ...plain, relaxed: used }
  return { graph: atLeast(done, 'fused') as Graph<'fused'>, steps, failures }
}

/** What is known of a graph before a pass. */
interface Known {
  readonly nodes?: number
  /** A root that was checked at an earlier stage: what is legal there is legal at every later one. */
  readonly checked?: NodeId | undefined
  readonly tell?: Tell
}
/** One pass under supervision: its graph if everything holds, else why it was dropped. */
export const runPass = (
  pass: Pass,
  before: Graph,
  { nodes: nodesBefore = countNodes(before.arena, before.root), checked, tell }: Known = {},
): Either<OptimizationFailed, { readonly graph: Graph; readonly step: Step }> => {
  const fail = (cause: string, remedy: string): Either<OptimizationFailed, never> =>
    left({
      _tag: 'OptimizationFailed',
      stage: 'optimise',
      pass: pass.name,
      place: '',
      cause,
      remedy,
      ...excerpt(before),
    })
  const began = performance.now()
  const made = attempt(pass, before, tell)
  if (isLeft(made))
    return fail(made.left, `the graph is used as it was before this pass; switch it off with off: ['${pass.name}']`)
  const { certificate, notes } = made.right
  const after = atLeast(made.right.graph, pass.to)
  const ran = performance.now()
  const wrong = refusalOf(before, after, certificate, checked)
  if (wrong !== undefined)
    return fail(wrong, 'the graph is used as it was before this pass; please report it with the graph')
  const ms = ran - began
  const checkMs = performance.now() - ran
  const changed = after.root !== before.root
  const nodesAfter = changed ? countNodes(after.arena, after.root) : nodesBefore
  return {
    _tag: 'Right',
    right: {
      graph: after,
      step: { pass: pass.name, ms, checkMs, nodesBefore, nodesAfter, changed, certificate, notes },
    },
  }
}

const attempt = (pass: Pass, graph: Graph, tell?: Tell): Either<string, Outcome> => {
  try {
    return pass.run(graph, tell)
  } catch (e) {
    return left(`it threw: ${e instanceof Error ? e.message : String(e)}`)
  }
}
const refusalOf = (before: Graph, after: Graph, certificate: Certificate, checked?: NodeId): string | undefined => {
  try {
    const [problem] = after.root === checked ? [] : checkGraph(after)
    if (problem !== undefined) return `its graph is not valid: '${problem.node}': ${problem.cause}`
  } catch (e) {
    return `its graph cannot be read: ${e instanceof Error ? e.message : String(e)}`
  }
  const refused = judge(before, after, certificate)
  return refused === undefined ? undefined : `its certificate was refused (${refused.obligation}): ${refused.detail}`
}
export const atLeast = (g: Graph, stage: Stage): Graph =>
  stages.indexOf(g.stage) >= stages.indexOf(stage) ? g : { ...g, stage }
