import type { Fields, Type } from '../../../graph/types.ts'
import { hostTypeNames, inputType, object, outputType } from './host-types.ts'

/** A query, request or function of the graph as it runs: what a test world is asked, and what it answers. */
export interface QueryPart {
  readonly name: string
  readonly params: readonly Type[]
  readonly answer: Type
}

const needed = [
  'AheadQueryCode',
  'Answer',
  'Artifact',
  'Cell',
  'Frame',
  'Iteration',
  'Manifest',
  'Ready',
  'Scout',
  'Support',
  'Value',
]

/** The declarations of a generated module: the types of its run, and of its queries by name. */
export const declarations = (inputs: Fields, output: Type, queries: readonly QueryPart[]): string => {
  const types = [
    `export type Input = ${object(inputs, inputType)}`,
    `export type Output = ${outputType(output)}`,
    `export type Queries = ${queriesType(queries)}`,
  ].join('\n')
  const used = hostTypeNames.filter((n) => new RegExp(`\\b${n}\\b`).test(withoutTexts(types)))
  return `import type { ${[...needed, ...used].sort().join(', ')} } from 'quoin/runtime'\n\n${types}\n`
}
/** Field names may be any text, also `Json`. */
const withoutTexts = (s: string): string => s.replace(/"(?:[^"\\]|\\.)*"/g, '')

const queriesType = (queries: readonly QueryPart[]): string => {
  const names = [...new Set(queries.map((q) => q.name))]
  const entries = names.map((name) => {
    const mine = queries.filter((q) => q.name === name)
    const each = (f: (q: QueryPart) => string): string => [...new Set(mine.map(f))].join(' | ')
    const params = each((q) => `readonly [${q.params.map(outputType).join(', ')}]`)
    return `  readonly ${JSON.stringify(name)}: { readonly params: ${params}; readonly answer: ${each((q) => inputType(q.answer))} }\n`
  })
  return entries.length === 0 ? '{}' : `{\n${entries.join('')}}`
}
