import { createHash } from 'node:crypto'
import { version } from '../../../codegen/version.ts'
import type { Compiled } from '../../../compile.ts'
import { compile } from '../../../compile.ts'
import { isLeft } from '../../../graph/either.ts'
import { numerics } from '../../../graph/graph.ts'
import { canonical } from '../../../graph/make.ts'
import { digest } from '../../../graph/text.ts'
import { postorder } from '../../../graph/walk.ts'
import type { Mode } from '../../../passes/index.ts'
import { optimise, pipeline } from '../../../passes/index.ts'
import { ownAssumptions } from '../../assumptions/own.ts'
import { inventoryProblems } from '../../assumptions/problems.ts'
import { inventory } from '../../inventory.ts'
import { expectPlan } from '../../plan.ts'
import type { Shown } from '../judge.ts'
import { holds, missing, refuted } from '../judge.ts'
import type { Finding, Item, Obligation, Place, Tier } from '../model.ts'
import type { Compared, Effort } from './compare.ts'
import { compare } from './compare.ts'
import type { Artefact, GraphFile, Project, Trouble } from './subject.ts'

/** An obligation of a user's project with what shows it. */
export interface Owed {
  readonly obligation: Obligation
  readonly shown: () => Promise<Shown> | Shown
  /** All that decides how it ends; only there where that takes long enough to be kept. */
  readonly key?: string
}
export interface Looking {
  readonly tier: Tier
  readonly relax: readonly Mode[]
  readonly signal?: AbortSignal
  /** sha256 of what stands in a file, for what rests on it. */
  readonly hashOf: (file: string) => string
}

const targets = ['ts', 'wasm'] as const
/** Cases of each graph and target, and the time they may take: a slow graph has fewer, and the evidence says so. */
const efforts: Readonly<Record<Tier, Effort>> = {
  fast: { cases: 20, ms: 1500 },
  default: { cases: 200, ms: 15_000 },
  deep: { cases: 10_000, ms: 600_000 },
}
/** Fewer show nothing. */
const fewest = 10

const owed = (
  id: string,
  claim: string,
  fix: string,
  checklist: readonly Item[],
  place: Place | undefined,
  shown: Owed['shown'],
): Owed => ({
  obligation: { id, claim, fix, checklist, rows: [], tier: 'fast', ...(place === undefined ? {} : { place }) },
  shown,
})

/** Everything that has to be shown of a project. */
export const owedBy = (p: Project, l: Looking): readonly Owed[] => [
  ...p.graphs.flatMap((g) => ofGraph(g, p, l)),
  ...p.broken.map((b) =>
    owed(
      `graph/${b.file}/reads`,
      `${b.file} is a graph that can be built`,
      b.fix,
      ['passes'],
      b.place ?? { file: b.file },
      () => ({
        ...refuted(b.what, { ...(b.place === undefined ? {} : { place: b.place }), fix: b.fix }),
        rests: l.hashOf(b.file),
      }),
    ),
  ),
  ...p.orphans.flatMap((o) => ofArtefact(o, undefined, l)),
  ...scans(p, l),
]

const ofGraph = (g: GraphFile, p: Project, l: Looking): readonly Owed[] => {
  const place = { file: g.file, line: g.lines.graph }
  const content = digest(g.graph)
  const rests = (): string => content
  const made = once(() => Promise.all(targets.map((target) => compile(g.built, { target, relax: l.relax }))))
  const compiled = async (k: number): Promise<Compiled | Trouble> => {
    const c = (await made())[k]!
    return isLeft(c) ? { what: c.left.cause, fix: c.left.remedy } : c.right
  }
  /** Asks something of what was compiled; what cannot be compiled refutes everything that is asked of it. */
  const ask = async (k: number, look: (c: Compiled) => Finding | Promise<Finding>): Promise<Shown> => {
    const c = await compiled(k)
    return { ...('what' in c ? refuted(c.what, { fix: c.fix }) : await look(c)), rests: rests() }
  }
  const id = (what: string): string => `graph/${g.file}/${what}`
  const effort = { ...efforts[l.tier], ...(l.signal === undefined ? {} : { signal: l.signal }) }
  return [
    ...pipeline.map((pass) =>
      owed(
        id(`pass-${pass.name}`),
        `the checker accepts what ${pass.name} made of '${g.name}'`,
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
      key: [content, target, version, numerics, l.relax.join(), effort.cases, process.version].join(' '),
      ...owed(
        id(`same-${target}`),
        `compiled for ${target}, '${g.name}' answers as the interpreter does: values, errors and what it writes`,
        'report it with the graph and the seed; until then run it with --target interpret',
        ['conformance', 'failures'],
        place,
        () => ask(k, async (c) => verdictOf(await compare(g.graph, c, effort))),
      ),
    })),
    owed(
      id('memory'),
      `the memory of the kernels of '${g.name}' is bounded, and the checker accepts the plan`,
      'report it with the graph',
      ['bounds'],
      place,
      () =>
        ask(1, ({ manifest, optimised }) => {
          const dropped = optimised.failures.find((f) => f.pass === 'memory')
          if (dropped !== undefined) return refuted(dropped.cause, { fix: dropped.remedy })
          return manifest.kernels.length === 0
            ? holds({ kind: 'exhausted', domain: 'its kernels, of which there are none' })
            : holds({ kind: 'proved', by: 'the checker of memory plans' })
        }),
    ),
    owed(
      id('cached'),
      `each 'cached' of '${g.name}' has an age that its inventory names`,
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
    owed(
      id('drivers'),
      `every name '${g.name}' speaks to has a driver, or the command line binds one`,
      'export it as one of the drivers of the graph file',
      ['failures'],
      place,
      () => {
        const [first] = g.unbound
        const found =
          first === undefined
            ? holds({ kind: 'exhausted', domain: 'its names of drivers' })
            : refuted(first.what, { fix: first.fix, ...(first.place === undefined ? {} : { place: first.place }) })
        return { ...found, rests: rests() }
      },
    ),
    ...inventoryOf(g, p, l),
    ...(g.plan === undefined
      ? []
      : [
          owed(
            id('plan'),
            `'${g.name}' costs what its plan says`,
            "change the graph, or the file's export 'plan'",
            ['bounds'],
            { file: g.file, line: g.lines.plan },
            () => {
              const plan = expectPlan(g.built, g.plan!, { relax: l.relax })
              const found = isLeft(plan)
                ? refuted(plan.left.text.split('\n').slice(1).join('; ').trim() || plan.left.text)
                : holds({ kind: 'exhausted', domain: 'the figures that its plan names' })
              return { ...found, rests: rests() }
            },
          ),
        ]),
    ...(g.artefact === undefined ? [] : ofArtefact(g.artefact, g.file, l)),
  ]
}

const verdictOf = (c: Compared): Finding => {
  const tried = c.values + c.errors
  if (c.differs !== undefined) return refuted(`with seed ${c.differs.seed} it ${c.differs.what}`)
  if (tried < fewest && c.short) return missing(`only ${tried} cases were tried before the time was over`)
  if (c.values === 0) return missing(`all ${tried} generated inputs end in an error, so no value was compared`)
  return holds({
    kind: 'tested',
    cases: tried,
    seed: c.seed,
    by: `compared with the interpreter: ${c.values} values, ${c.errors} errors${c.short ? '; cut short by time' : ''}`,
  })
}

/** An assumption is shown by nothing: it is listed as such, and counted apart. What is wrong with the list is told. */
const inventoryOf = (g: GraphFile, p: Project, l: Looking): readonly Owed[] => {
  const optimised = optimise(g.graph, { relax: l.relax })
  const entries = inventory({ graph: optimised.graph, target: 'wasm' }, g.drivers)
  const own = ownAssumptions().map((a) => a.id)
  const problems = inventoryProblems(entries, { versions: p.versions(entries), today: p.today, named: own })
  const rests = hashText(canonical(entries.map((e) => ({ ...e, usedBy: '' })) as never))
  const placeOf = (id: string): Place => ({ file: g.file, line: g.lines.named(id) })
  return [
    owed(
      `graph/${g.file}/inventory`,
      `what '${g.name}' rests on is listed: nothing unused, dangling, expired, or out of its range`,
      'quoin assumptions says more',
      ['inventory'],
      { file: g.file, line: g.lines.graph },
      () => {
        const [first, ...more] = problems
        const found =
          first === undefined
            ? holds({ kind: 'exhausted', domain: `its ${entries.length} assumptions, on ${p.today}` })
            : refuted([first, ...more].map((x) => x.message).join('; '), {
                fix: first.remedy,
                place: placeOf(first.about),
              })
        return { ...found, rests }
      },
    ),
    ...entries.map((a) =>
      owed(
        `graph/${g.file}/assumes-${a.id}`,
        a.statement,
        a.mitigation,
        a.kind === 'unsafe' || a.kind === 'relaxation' ? ['unsafe', 'inventory'] : ['inventory'],
        placeOf(a.id),
        () => ({ ...holds({ kind: 'assumed', assumption: a.id, why: a.mitigation }), rests }),
      ),
    ),
  ]
}
const hashText = (text: string): string => createHash('sha256').update(text).digest('hex')

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

const ofArtefact = (a: Artefact, source: string | undefined, l: Looking): readonly Owed[] => [
  owed(
    `artefact/${a.directory}/same-bytes`,
    source === undefined
      ? `${a.directory} holds what its manifest names`
      : `${a.directory} is, byte for byte, what is generated from ${source} now`,
    source === undefined ? 'build it again with quoin build' : `quoin build ${source}`,
    ['conformance', 'warnings'],
    { file: `${a.directory}/manifest.json`, line: a.line },
    () => {
      const [first] = a.wrong
      const rests = l.hashOf(`${a.directory}/manifest.json`)
      return first === undefined
        ? { ...holds({ kind: 'exhausted', domain: 'every byte of its files' }), rests }
        : {
            ...refuted(a.wrong.map((w) => w.what).join('; '), {
              fix: first.fix,
              ...(first.place === undefined ? {} : { place: first.place }),
            }),
            rests,
          }
    },
  ),
  ...(a.renew === undefined
    ? []
    : [
        owed(
          `artefact/${a.directory}/verified`,
          `${a.directory} rests on what it rested on when it was verified`,
          'verify it again: quoin verify --summary',
          ['inventory'],
          { file: `${a.directory}/manifest.json`, line: a.line },
          () => {
            const rests = l.hashOf(`${a.directory}/manifest.json`)
            return a.renew!.length === 0
              ? { ...holds({ kind: 'exhausted', domain: 'every part of what it rested on' }), rests }
              : { ...refuted(a.renew!.join('; ')), rests }
          },
        ),
      ]),
]

/** One obligation for each finding; where there are none, one for all files. */
const scans = (p: Project, l: Looking): readonly Owed[] => {
  const claim = 'sources and generated code do nothing that the inventory does not know'
  const what = (found: Owed['shown'], id: string, place?: Place, fix = 'quoin verify without --fast'): Owed =>
    owed(id, claim, fix, ['unsafe'], place, found)
  if (p.scanned === undefined) return [what(() => ({ ...missing('no scanner has run'), rests: '' }), 'scan/sources')]
  if (p.scanned.length === 0)
    return [
      what(
        () => ({
          ...holds({ kind: 'exhausted', domain: `${p.scannedFiles} files, by the rules of the scanners` }),
          rests: '',
        }),
        'scan/sources',
      ),
    ]
  return p.scanned.map((f) =>
    what(
      () => ({ ...refuted(f.what, { place: f.place, fix: f.fix }), rests: l.hashOf(f.place.file) }),
      `scan/${f.place.file}/${f.rule}:${f.place.line ?? 0}`,
      f.place,
      f.fix,
    ),
  )
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
