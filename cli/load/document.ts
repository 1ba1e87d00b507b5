import type { Built } from '../../graph/build/index.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { decodeGraph } from '../../graph/json.ts'
import { record } from '../../graph/types.ts'
import { failed, failedWith } from '../failure.ts'
import { readJson } from './json-file.ts'
import type { GraphSource } from './source.ts'

/** What an engine writes when two tiers differ holds a graph and a recorded run of it. */
export const inDifference = (json: unknown): { readonly graph: unknown; readonly recording: unknown } | undefined =>
  typeof json === 'object' && json !== null && 'format' in json && json.format === 'quoin-difference-1'
    ? (json as unknown as { readonly graph: unknown; readonly recording: unknown })
    : undefined

/** Reads a graph from a JSON document. */
export const loadDocument = async (file: string, shown: string): Promise<GraphSource> => {
  const json = await readJson(
    file,
    shown,
    'give a graph as JSON, as quoin explain --format json prints it under "graph"',
  )
  const decoded = decodeGraph(inDifference(json)?.graph ?? json)
  if (isLeft(decoded)) throw failedWith(decoded.left, shown)
  const graph = decoded.right as Graph
  if (graph.stage !== 'source') {
    throw failed(
      `${shown} holds a graph at stage ${graph.stage}, after passes`,
      'give the graph as it was written, at stage source',
    )
  }
  const source = graph as Graph<'source'>
  const built: Built = {
    name: source.name,
    sealed: right(source),
    inputType: record(source.inputs),
    outputType: source.arena.typeOf(source.root),
  }
  return { kind: 'graph', file: shown, graph: source, built }
}
