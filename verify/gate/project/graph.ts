import { version } from '../../../codegen/version.ts'
import type { Compiled } from '../../../compile.ts'
import { compile } from '../../../compile.ts'
import { isLeft } from '../../../graph/either.ts'
import { numerics } from '../../../graph/graph.ts'
import { digest } from '../../../graph/text.ts'
import { postorder } from '../../../graph/walk.ts'
import type { Mode } from '../../../passes/index.ts'
import { modes, pipeline } from '../../../passes/index.ts'
import { expectPlan } from '../../plan.ts'
import { holds, missing, refuted } from '../judge.ts'
import type { Finding, Tier } from '../model.ts'
import type { Compared, Effort } from './compare.ts'
import { compare } from './compare.ts'
import { inventoryOf } from './inventory.ts'
import type { Looked, Looking, Owed } from './owed.ts'
import { owed } from './owed.ts'
import type { Build, GraphFile, Project, Trouble } from './subject.ts'

const targets = ['ts', 'wasm'] as const
/** Cases of each graph and target, and the time they may take: a slow graph has fewer, and the evidence says so. */
const efforts: Readonly<Record<Tier, Effort>> = {
  fast: { cases: 20, ms: 1500 },
  default: { cases: 200, ms: 15_000 },
  deep: { cases: 10_000, ms: 600_000 },
}
/** Fewer show nothing. */
const fewest = 10

/** What is deployed is looked at; without an artefact, what the command line would build. */
export const buildsOf = (g: GraphFile, l: Looking): readonly Build[] =>
  g.artefacts.length > 0 ? g.artefacts : [{ target: 'wasm', relax: l.relax }]

/** Everything that is owed for one graph, in each way that it is built. */
export const ofGraph = (g: GraphFile, p: Project, l: Looking): readonly Owed[] => {
  const builds = buildsOf(g, l)
  const relaxed = distinct(builds.map((b) => b.relax))
  return [
    // The graph as written is compared exactly, even where only relaxed builds of it are here: their bits may differ from
    // it, and so say nothing about the passes that may not change them.
    ...distinct([[], ...relaxed]).flatMap((relax) => ofBuild(g, relax, l)),
    ...ofFile(g),
    ...inventoryOf(g, builds, p),
    ...(g.plan === undefined ? [] : relaxed.map((relax) => planOf(g, relax))),
  ]
}
const distinct = (all: readonly (readonly Mode[])[]): readonly (readonly Mode[])[] => {
  const sorted = all.map((relax) => modes.filter((m) => relax.includes(m)))
  return [...new Map(sorted.map((relax) => [relax.join(), relax])).values()]
}
const suffixOf = (relax: readonly Mode[]): string => (relax.length === 0 ? '' : `-relaxed-${relax.join('-')}`)
const idOf = (g: GraphFile, what: string): string => `graph/${g.file}/${what}`

/** What is owed for a graph compiled with some modes of relaxed laws, or with none. */
const ofBuild = (g: GraphFile, relax: readonly Mode[], l: Looking): readonly Owed[] => {
  const place = { file: g.file, line: g.lines.graph }
  const content = digest(g.graph)
  const made = once(() => Promise.all(targets.map((target) => compile(g.built, { target, relax }))))
  const compiled = async (k: number): Promise<Compiled | Trouble> => {
    const c = (await made())[k]!
    return isLeft(c) ? { what: c.left.cause, fix: c.left.remedy } : c.right
  }
  /** Asks something of what was compiled; what cannot be compiled refutes everything that is asked of it. */
  const ask = async (k: number, look: (c: Compiled) => Finding | Promise<Finding>): Promise<Looked> => {
    const c = await compiled(k)
    return { ...('what' in c ? refuted(c.what, { fix: c.fix }) : await look(c)), rests: content }
  }
  const id = (what: string): string => idOf(g, `${what}${suffixOf(relax)}`)
  const how = relax.length === 0 ? '' : `, with ${relax.join(' and ')},`
  const effort = { ...efforts[l.tier], ...(l.signal === undefined ? {} : { signal: l.signal }) }
  return [
    ...pipeline.map((pass) =>
      owed(
        id(`pass-${pass.name}`),
        `the checker accepts what ${pass.name} made of '${g.name}'${how}`,
        'report it with the graph; the answer stays right, the work of the pass is dropped',
        ['passes', 'warnings'],
        place,
        () =>
          ask(1, ({ optimised }) => {
            const dropped = optimised.failures.find((f) => f.pass === pass.name)
            return dropped === undefined
              ? holds({ kind: 'proved', by: `the checker of '${pass.name}', from its certificate` })
              : refuted(`the pass was dropped: ${dropped.cause}`, { fix: dropped.remedy })
          }),
      ),
    ),
    ...targets.map((target, k) => ({
      key: [content, target, version, numerics, relax.join(), effort.cases, process.version, process.arch].join(' '),
      ...owed(
        id(`same-${target}`),
        relax.length === 0
          ? `compiled for ${target}, '${g.name}' answers as the interpreter does: values, errors and what it writes`
          : `compiled for ${target}, '${g.name}' answers as the interpreter does once ${relax.join(' and ')} have changed it: to the last bit, so what they round is all that differs`,
        'report it with the graph and the seed; until then run it with --target interpret',
        ['conformance', 'failures'],
        place,
        async (): Promise<Looked> => {
          let partly = false
          const found = await ask(k, async (c) => {
            const compared = await compare(relax.length === 0 ? g.graph : c.optimised.graph, c, effort)
            partly = compared.short
            return verdictOf(compared)
          })
          return { ...found, partly }
        },
      ),
    })),
    owed(
      id('memory'),
      `the memory of the kernels of '${g.name}'${how} is bounded, and the checker accepts the plan`,
      'report it with the graph',
      ['bounds'],
      place,
      async () => {
        // A plan for WebAssembly may be accepted where one for TypeScript is not.
        const [one, two] = [await ask(0, memoryIn), await ask(1, memoryIn)]
        return one.outcome === 'holds' ? two : one
      },
    ),
    owed(
      id('cached'),
      `each 'cached' of '${g.name}'${how} has an age that its inventory names`,
      'report it with the graph',
      ['cache'],
      place,
      () =>
        ask(1, ({ manifest }) => {
          const ages = agesIn(g)
          const unnamed = ages.find((ms) => !manifest.inventory.some((a) => a.id === `staleness:${ms}`))
          return unnamed === undefined
            ? holds({ kind: 'exhausted', domain: `its ${ages.length} cached bodies` })
            : refuted(`the age ${unnamed} ms is not in the inventory`)
        }),
    ),
  ]
}

const memoryIn = ({ manifest, optimised }: Compiled): Finding => {
  const dropped = optimised.failures.find((f) => f.pass === 'memory')
  if (dropped !== undefined) return refuted(dropped.cause, { fix: dropped.remedy })
  return manifest.kernels.length === 0
    ? holds({ kind: 'exhausted', domain: 'its kernels, of which there are none' })
    : holds({ kind: 'proved', by: 'the checker of memory plans' })
}

/** What does not depend on how it is compiled. */
const ofFile = (g: GraphFile): readonly Owed[] => [
  owed(
    idOf(g, 'drivers'),
    `every name '${g.name}' speaks to has a driver, and every driver is spoken to`,
    'export it as one of the drivers of the graph file',
    ['failures'],
    { file: g.file, line: g.lines.graph },
    () => {
      const [first] = g.unbound
      const found =
        first === undefined
          ? holds({ kind: 'exhausted', domain: 'its names of drivers' })
          : refuted(g.unbound.map((u) => u.what).join('; '), {
              fix: first.fix,
              ...(first.place === undefined ? {} : { place: first.place }),
            })
      return { ...found, rests: digest(g.graph) }
    },
  ),
]

const planOf = (g: GraphFile, relax: readonly Mode[]): Owed =>
  owed(
    idOf(g, `plan${suffixOf(relax)}`),
    `'${g.name}' costs what its plan says`,
    "change the graph, or the file's export 'plan'",
    ['bounds'],
    { file: g.file, line: g.lines.plan },
    () => {
      const plan = expectPlan(g.built, g.plan!, { relax })
      const found = isLeft(plan)
        ? refuted(plan.left.text.split('\n').slice(1).join('; ').trim() || plan.left.text)
        : holds({ kind: 'exhausted', domain: `the figures that its plan names: ${Object.keys(g.plan!).join(', ')}` })
      return { ...found, rests: digest(g.graph) }
    },
  )

const verdictOf = (c: Compared): Finding => {
  const tried = c.values + c.errors
  if (c.differs !== undefined) return refuted(`with seed ${c.differs.seed} it ${c.differs.what}`)
  if (tried < fewest && c.short) return missing(`only ${tried} cases were tried before ${ended(c)}`)
  if (c.values === 0) return missing(`all ${tried} generated inputs end in an error, so no value was compared`)
  return holds({
    kind: 'tested',
    cases: tried,
    seed: c.seed,
    by: `compared with the interpreter: ${c.values} values, ${c.errors} errors${c.short ? `, before ${ended(c)}` : ''}`,
  })
}
const ended = (c: Compared): string => (c.stopped ? 'somebody stopped it' : 'the time was over')

const agesIn = ({ graph }: GraphFile): readonly number[] => {
  const ages: number[] = []
  const seen = new Set<number>()
  const regions = [graph.root]
  for (let r = regions.pop(); r !== undefined; r = regions.pop()) {
    if (seen.has(r)) continue
    seen.add(r)
    for (const id of postorder(graph.arena, r)) {
      const { name, attrs } = graph.arena.opOf(id)
      if (name === 'cached') ages.push((attrs as { readonly ttlMs: number }).ttlMs)
      for (const b of graph.arena.regionsOf(id)) regions.push(b.root)
    }
  }
  return ages
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
