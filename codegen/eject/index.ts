import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import { excerpt } from '../../graph/excerpt.ts'
import type { Graph } from '../../graph/graph.ts'
import { numerics, siteOf } from '../../graph/graph.ts'
import { digest } from '../../graph/text.ts'
import { record } from '../../graph/types.ts'
import { programProblem } from '../program/check.ts'
import { lower } from '../program/lower.ts'
import { hostTypeNames, inputType, object, outputType } from '../targets/module/host-types.ts'
import { emitTs } from '../targets/ts/index.ts'
import { version } from '../version.ts'
import { formulas } from './formula.ts'
import { unquoted } from './literal.ts'
import type { Ejected } from './module.ts'
import { Writer } from './module.ts'
import { callsText, hasTransactions, outsideText } from './outside.ts'
import { typeText } from './types.ts'

/**
 * An ejected module before it stands alone: it imports what it needs of Quoin's sources by their paths, and its kernels
 * from `kernels.ts`. Whoever has the sources puts them in (`cli/eject`).
 */
export interface EjectedText {
  readonly module: string
  readonly kernels: string
  /** What the function is called that runs the graph. */
  readonly name: string
}

/**
 * Writes a graph as a module for people to keep. `source` is the graph as written; `optimised` may have gone through every
 * pass but `batch`.
 */
export const eject = (source: Graph, optimised: Graph, from: string): Either<CompileError, EjectedText> => {
  const lowered = lower(optimised)
  if (isLeft(lowered)) return lowered
  const { program, kernels, bodies } = lowered.right
  const wrong = programProblem(program, optimised)
  if (wrong !== undefined)
    return left({
      _tag: 'CodegenFailed',
      stage: 'generate',
      place: '',
      ...excerpt(optimised),
      cause: `the effect program is not its graph: ${wrong}`,
      remedy: 'this is a mistake in Quoin; please report it with the graph',
    })
  const e: Ejected = { program, kernels, arena: optimised.arena, bodies, site: (o) => siteOf(source, o) }
  const w = new Writer(e)
  const output = source.arena.typeOf(source.root)
  const asks = w.asked.length > 0 || hasTransactions(e)
  for (const n of ['Input', 'Output', 'Outside', 'calls']) w.names.take(n, n)
  const name = w.names.take(source.name, 'graph')
  const inside = w.names.take(`${name}Steps`, 'steps')
  const functions = w.functions(inside)
  const main = program.blocks[program.main]!
  const constants = w.constants()
  w.use('codegen/eject/parts.ts', 'given')
  w.use('graph/build/host.ts', 'fromValue')
  w.use('graph/either.ts', 'right')
  for (const m of ['record', 'scalar', 'tensor', 'option', 'listOf', 'union', 'result'] as const)
    if (`record(${typeText(record(source.inputs))}${typeText(output)}`.includes(`${m}(`)) w.use('graph/types.ts', m)
  const types = [
    '/** What it is given. */',
    `export type Input = ${lines(object(source.inputs, inputType))}`,
    '/** What it answers. */',
    `export type Output = ${lines(outputType(output))}`,
  ]
  const used = hostTypeNames.filter((n) =>
    new RegExp(`\\b${n}\\b`).test([...types, outsideText(e, w.asked)].join('\n').replace(/"(?:[^"\\]|\\.)*"/g, '')),
  )
  const parts = [
    'At',
    ...(asks ? ['Failure'] : []),
    ...(w.asked.length > 0 ? ['Question'] : []),
    ...(hasTransactions(e) ? ['Transaction'] : []),
  ]
  const text = [
    ...header(source, from),
    ...w.imports(),
    `import type { ${parts.join(', ')} } from 'codegen/eject/parts.ts'`,
    "import type { Answer } from 'graph/effects.ts'",
    "import type { Either } from 'graph/either.ts'",
    "import type { RunError } from 'graph/errors.ts'",
    "import type { Type } from 'graph/types.ts'",
    "import type { RecordValue, Value } from 'graph/values.ts'",
    ...used.map((n) => `import type { ${n} } from '${n === 'Json' ? 'graph/values.ts' : 'graph/build/types.ts'}'`),
    '',
    types.join('\n'),
    '',
    ...(asks ? [outsideText(e, w.asked), ''] : []),
    ...(w.asked.length > 0 ? [callsText(w.asked), ''] : []),
    ...constants,
    `const inputType = ${typeText(record(source.inputs))}`,
    `const outputType = ${typeText(output)}`,
    '',
    `/** What a run knows${asks ? ', and whom it asks' : ''}. */`,
    `interface Run {\n  readonly input: RecordValue${asks ? '\n  readonly outside: Outside' : ''}\n}`,
    '',
    ...functions.flatMap((f) => [f, '']),
    `/** The graph ${JSON.stringify(source.name)}. Every outcome is a value: \`{ _tag: 'Right', right }\` or \`{ _tag: 'Left', left }\` with the error. */`,
    `export ${main.waits ? 'async ' : ''}function ${name}(input: Input${asks ? ', outside: Outside' : ''}): ${main.waits ? 'Promise<Either<RunError, Output>>' : 'Either<RunError, Output>'} {`,
    '  const read = given(inputType, input)',
    "  if (read._tag === 'Left') return read",
    `  const answer = ${main.waits ? 'await ' : ''}${inside}({ input: read.right${asks ? ', outside' : ''} }, [])`,
    "  return answer._tag === 'Left' ? answer : right(fromValue(outputType, answer.right) as Output)",
    '}',
    '',
  ].join('\n')
  const emitted = emitTs(kernels)
  const functionsOf = kernels.map((k, i) => commented(formulas(e.arena, bodies[i]!), emitTs([k]).functions))
  return right({ module: text, kernels: `${emitted.prelude}\n${functionsOf.join('\n')}`, name })
}

const header = (g: Graph, from: string): readonly string[] => [
  `// The graph ${JSON.stringify(g.name)}, ejected by Quoin ${version} (meaning of numbers: ${numerics})`,
  `// from ${from === '' ? 'a graph' : from} with digest ${digest(g)}.`,
  '// This file stands alone and is yours to change. It computes what the graph means, to the last bit. What Quoin does',
  '// besides is not in it: batching, memory plans, WebAssembly, caching, recording. The parts that come from Quoin are',
  '// under the Apache License 2.0 (https://www.apache.org/licenses/LICENSE-2.0).',
  '',
]
/** The last function of the text is the kernel itself; the formulas stand above it. */
const commented = (lines: readonly string[], text: string): string => {
  const at = text.lastIndexOf('\nfunction ') + 1
  const comment = ['/**', ...lines.map((l) => ` * ${l.replaceAll('*/', '* /')}`), ' */', ''].join('\n')
  return `${text.slice(0, at)}${comment}${text.slice(at)}`
}
/** The fields of an object type, a line each where they do not fit on one. */
const lines = (type: string): string => {
  const text = unquoted(type)
  if (text.length < 100 || !text.startsWith('{ ')) return text
  let depth = 0
  let quoted = false
  return [...text].reduce((out, c, i) => {
    if (c === '"' && text[i - 1] !== '\\') quoted = !quoted
    if (!quoted && '{([<'.includes(c)) depth++
    if (!quoted && ('})]'.includes(c) || (c === '>' && text[i - 1] !== '='))) depth--
    if (!quoted && depth === 1 && (c === '{' || c === ';')) return `${out}${c === '{' ? '{' : ''}\n `
    return !quoted && depth === 0 && c === '}' && i === text.length - 1 ? `${out.trimEnd()}\n}` : out + c
  }, '')
}
