import { existsSync, globSync, readFileSync } from 'node:fs'
import type { Requirement } from './requirements.ts'
import { allRequirements, requirements } from './requirements.ts'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The ids that a test file says it shows: a line at its head, `Requirements: E5 E12`. */
export const citedIn = (text: string): readonly string[] =>
  [...text.matchAll(/^\/\/ Requirements: (.*)$/gm)].flatMap(([, ids]) => ids!.trim().split(/\s+/))

/** Every test file that cites requirements, in alphabetical order. */
export const citations = (): ReadonlyMap<string, readonly string[]> =>
  new Map(
    globSync('test/**/*.test.ts', { cwd: root })
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .flatMap((path) => {
        const ids = citedIn(read(path))
        return ids.length === 0 ? [] : [[path, ids] as const]
      }),
  )

/** What is wrong with the citations and the list they cite. */
export const requirementProblems = (
  cited: ReadonlyMap<string, readonly string[]>,
  list: readonly Requirement[] = allRequirements,
  there: (path: string) => boolean = (path) => existsSync(new URL(path, root)),
): readonly string[] => {
  const known = new Set(list.map((r) => r.id))
  return [
    ...list.filter((r, i) => list.findIndex((x) => x.id === r.id) < i).map((r) => `${r.id} is there twice`),
    ...[...cited].flatMap(([path, ids]) => [
      ...ids.filter((id) => !known.has(id)).map((id) => `${path} cites ${id}, which is no requirement`),
      ...ids.filter((id, i) => ids.indexOf(id) < i).map((id) => `${path} cites ${id} twice`),
    ]),
    ...list.flatMap((r) =>
      (r.evidence ?? []).filter((p) => !there(p)).map((p) => `${r.id} names ${p}, which is not there`),
    ),
    ...list
      .filter((r) => r.lacks !== undefined && stateOf(r, testsOf(r, cited)) === 'open')
      .map((r) => `${r.id} says what is lacking of nothing`),
  ]
}
const testsOf = (r: Requirement, cited: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...cited].flatMap(([path, ids]) => (ids.includes(r.id) ? [path] : []))

export type State = 'shown' | 'in part' | 'open'
/** Only a test shows a requirement; what else there is supports it. */
export const stateOf = ({ evidence = [], lacks }: Requirement, tests: readonly string[]): State =>
  tests.length + evidence.length === 0 ? 'open' : lacks === undefined && tests.length > 0 ? 'shown' : 'in part'

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string
export const requirementsPage = (table: Table, cited = citations()): string => {
  const states = allRequirements.map((r) => stateOf(r, testsOf(r, cited)))
  const count = (s: State): number => states.filter((x) => x === s).length
  const short = (path: string): string => `\`${path.replace(/^test\/(.*)\.test\.ts$/, '$1')}\``
  const rows = (list: readonly Requirement[]): readonly (readonly string[])[] =>
    list.map((r) => {
      const tests = testsOf(r, cited)
      const state = stateOf(r, tests)
      const told = state === 'open' ? '**open**' : state === 'in part' ? `in part: ${r.lacks ?? 'no test'}` : 'shown'
      return [r.id, r.text, told, [...tests, ...(r.evidence ?? [])].map(short).join(' ')]
    })
  const open = allRequirements.filter((_, i) => states[i] === 'open').map((r) => r.id)
  return [
    '# Requirements, and what shows them',
    'Written by `npm run docs` from `docs/requirements.ts` and from the tests: a test file says at its head which requirements it shows (`// Requirements: E5 E12`). Evidence without a folder in front lies in `test/` and ends in `.test.ts`; all else is a path. *In part* says what is missing, and **open** that nothing shows it.',
    `${count('shown')} are shown, ${count('in part')} in part, ${count('open')} are open: ${open.join(', ')}.`,
    ...Object.entries(requirements).flatMap(([title, list]) => [
      `## ${title}`,
      table(['id', 'requirement', 'state', 'evidence'], rows(list)),
    ]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}
