import { readFileSync } from 'node:fs'
import { explored } from './machine.ts'
import { specs } from './registry.ts'
import type { Spec } from './spec.ts'
import { constantsOf, invariantsOf, propertiesOf, sizes } from './spec.ts'

/** What is claimed of a specification and what stands behind it, for whoever counts: a page, a report, a gate. */
export interface Summary {
  readonly name: string
  readonly about: string
  readonly files: readonly string[]
  readonly code: readonly string[]
  readonly states: Spec['states']
  /** Steps of the larger model. */
  readonly steps: number
  readonly actions: readonly string[]
  readonly invariants: readonly string[]
  readonly properties: readonly string[]
  /** What it assumes, in its own words. */
  readonly assumes: readonly string[]
  readonly mutants: { readonly unsafe: number; readonly stuck: number }
  readonly conformance: string | undefined
  readonly traces: string | undefined
  readonly heard: NonNullable<Spec['heard']>
  /** There is no runtime for it to be held against. */
  readonly modelOnly: boolean
}

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

/** The paragraphs of the header that begin with ASSUMES. */
export const assumptionsOf = (spec: string): readonly string[] => {
  const header = /^-+ MODULE \w+ -+\n((?:\(\*.*\*\)\n)+)/.exec(spec)?.[1] ?? ''
  const lines = header.split('\n').map((l) => l.replace(/^\(\*( ?)/, '').replace(/\s*\*\)$/, ''))
  const found: string[] = []
  for (const l of lines) {
    if (l.startsWith('ASSUMES ')) found.push(l.slice('ASSUMES '.length))
    else if (l.startsWith('  ') && found.length > 0) found[found.length - 1] += ` ${l.trim()}`
  }
  return found
}

export const summaryOf = (s: Spec): Summary => {
  const spec = `specs-tla/${s.name}.tla`
  const cfgs = sizes.map((size) => `specs-tla/${s.name}${size}.cfg`)
  const large = read(cfgs[1]!)
  const graph = explored(s.machine(constantsOf(large)))
  return {
    name: s.name,
    about: s.about,
    files: [spec, ...cfgs, ...(s.traces === undefined ? [] : [`specs-tla/Trace${s.name}.tla`])],
    code: s.code,
    states: s.states,
    steps: graph.edges.length,
    actions: [...new Set(graph.edges.map((e) => e.action))].sort(),
    invariants: invariantsOf(large),
    properties: propertiesOf(large),
    assumes: assumptionsOf(read(spec)),
    mutants: { unsafe: s.unsafe.length, stuck: s.stuck.length },
    conformance: s.conformance,
    traces: s.traces,
    heard: s.heard ?? [],
    modelOnly: s.runtime !== undefined,
  }
}
export const summaries = (): readonly Summary[] => specs.map(summaryOf)

/** The part of `docs/specs.md` that lists them. */
export const listed = (all: readonly Summary[]): string =>
  all
    .map((s) =>
      [
        `### ${s.name}`,
        '',
        `${s.about[0]!.toUpperCase()}${s.about.slice(1)}. About ${s.code.map((c) => `\`${c}\``).join(', ')}.`,
        '',
        `- ${s.states.Small} and ${s.states.Large} states; ${s.actions.length} actions, ${s.steps} steps in the larger model.`,
        `- Invariants: ${s.invariants.join(', ')}; ${s.mutants.unsafe} changes that break one are refused.`,
        `- Under fairness: ${s.properties.join(', ')}; ${s.mutants.stuck} changes that break one are found by TLC.`,
        s.modelOnly
          ? '- **Model only: no runtime yet.** `test/specs/model-only.test.ts` fails as soon as there is one.'
          : `- Against the code: every step, by \`${s.conformance}\`; recorded runs, by \`${s.traces}\`.`,
        ...s.heard.map((h) => `- Traces of \`${h.by}\`: ${h.trace}.`),
        ...s.assumes.map((a) => `- Assumes ${a}`),
      ].join('\n'),
    )
    .join('\n\n')

const [begin, end] = ['<!-- listed: npm run specs:adt -->', '<!-- end of the list -->']
/** The page with its list as the registry has it. */
export const pageWith = (page: string, list: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  return from < 0 || to < from ? page : `${page.slice(0, from + begin.length)}\n\n${list}\n\n${page.slice(to)}`
}
