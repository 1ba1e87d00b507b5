import type { Graph } from '../graph/graph.ts'
import type { Mode } from '../passes/index.ts'
import { optimise } from '../passes/index.ts'
import { trustReport } from '../verify/trust.ts'
import { compileSource } from './compile.ts'
import { debugOptimised } from './debug-passes.ts'
import { dot } from './explain/dot.ts'
import { draw } from './explain/drawing.ts'
import { gather } from './explain/gather.ts'
import { explainJson } from './explain/json.ts'
import { mermaid } from './explain/mermaid.ts'
import { placedBy, placementText } from './explain/placement.ts'
import { explainText } from './explain/text.ts'
import { trustText } from './explain/trust.ts'
import { whyText } from './explain/why.ts'
import { misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import type { GraphSource } from './load/index.ts'
import { loadGraph } from './load/index.ts'
import { out, outColors } from './output.ts'

export interface ExplainOptions {
  readonly format: 'text' | 'mermaid' | 'dot' | 'json'
  readonly target: 'ts' | 'wasm'
  readonly sql?: true
  readonly code?: true
  readonly trust?: true
  readonly sites?: string
  readonly why?: string
  readonly relax: readonly Mode[]
}

/** `quoin explain`: optimises, runs nothing, and tells. */
export const explain = async (graph: string, options: ExplainOptions, interrupt: Interrupt): Promise<void> => {
  if (options.format !== 'text' && (options.code ?? options.sql ?? options.trust) === true) {
    throw misused(
      `--code, --sql and --trust belong to --format text`,
      options.format === 'json' ? 'leave them out; json holds it all, but for the code' : 'leave them out',
    )
  }
  const source = await loadGraph(graph, interrupt, 'quoin explain')
  if (options.why !== undefined) return out(whyText(source.graph, options.why, outColors()))
  const optimised = optimise(source.graph, { relax: options.relax })
  if (options.code !== true) await debugOptimised(source.graph, optimised)
  const placed =
    options.sites === undefined
      ? undefined
      : await placedBy(options.sites, optimised.graph, options.target, source.file)
  const explained = gather(source.file, source.graph, optimised, options.target)
  switch (options.format) {
    case 'mermaid':
      return out(mermaid(draw(optimised.graph)))
    case 'dot':
      return out(dot(draw(optimised.graph)))
    case 'json':
      return out(JSON.stringify({ ...explainJson(explained, trustReport()), placement: placed ?? null }, null, 2))
    case 'text': {
      const c = outColors()
      const trust = options.trust === true ? trustText(trustReport(), c) : []
      await out(explainText(explained, { sql: options.sql === true, trust: options.trust === true }, trust, c))
      if (placed !== undefined) await out(`\n${placementText(placed, c).join('\n')}\n`)
      if (options.code === true) await code(source, options, interrupt)
    }
  }
}

const code = async (source: GraphSource, { target, relax }: ExplainOptions, interrupt: Interrupt): Promise<void> => {
  const { printProgram } = await import('../codegen/program/text.ts')
  const { boundText } = await import('../codegen/memory/index.ts')
  const compiled = await compileSource(source, { target, relax }, interrupt)
  const c = outColors()
  const bound = compiled.manifest.memory === undefined ? 'none' : `${boundText(compiled.manifest.memory.bound)} bytes`
  await out(
    `\n${c.bold('Effect program')}\n${printProgram(compiled.effectProgram)}\n${c.bold('Memory of kernels, at most')}: ${bound}\n\n${c.bold('module.ts')}\n${compiled.files['module.ts']}`,
  )
  if (target === 'wasm') await out(await kernelsText(compiled.optimised.graph, c.bold('kernels.wasm, as text')))
}

/** The kernels in WebAssembly's text form; they are lowered again, because an artefact keeps their bytes only. */
const kernelsText = async (optimised: Graph, heading: string): Promise<string> => {
  const { lower } = await import('../codegen/program/lower.ts')
  const { wasmText } = await import('../codegen/targets/wasm/index.ts')
  const lowered = lower(optimised)
  if (lowered._tag === 'Left' || lowered.right.kernels.length === 0) return ''
  const text = await wasmText(lowered.right.kernels)
  return text._tag === 'Left' ? '' : `\n${heading}\n${text.right}`
}
