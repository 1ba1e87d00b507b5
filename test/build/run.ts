import { expect } from 'vitest'
import type { Built, Call, Graph, InvalidGraph, Json, Problem } from '../../graph/index.ts'
import { checkGraph, describeError, evaluate, fromValue, print, runPure, toValue } from '../../graph/index.ts'
import type { Type } from '../../graph/types.ts'

/** The sealed graph, checked; fails the test with the whole message otherwise. */
export const sealed = (built: Built): Graph<'source'> => {
  if (built.sealed._tag === 'Left') throw new Error(describeError(built.sealed.left))
  expect(checkGraph(built.sealed.right)).toEqual([])
  return built.sealed.right
}
export const textOf = (built: Built): string => print(sealed(built)).split('\n').slice(1).join('\n')
export const refused = (built: Built): InvalidGraph => {
  if (built.sealed._tag === 'Right') throw new Error('the graph was sealed')
  return built.sealed.left
}
/** Problems without their places, as `node: cause -> remedy`. */
export const problemsOf = (built: Built): string[] => refused(built).problems.map(said)
const said = (p: Problem): string => `${p.node}: ${p.cause} -> ${p.remedy}`

export type Answers = (call: Call) => unknown
const typeOfAnswer = (call: Call): Type => {
  if (call.effect === 'dbQuery') {
    const { mode, row, dim } = call.attrs
    if (mode === 'exec') return { kind: 'tensor', elem: 'i64', shape: [] }
    if (mode === 'many') return { kind: 'list', of: row, dim }
    return mode === 'maybe' ? { kind: 'option', of: row } : row
  }
  const elem = call.effect === 'nowMs' ? 'f64' : call.effect === 'randomBytes' ? 'bytes' : 'unit'
  return { kind: 'tensor', elem, shape: [] }
}
/** Runs a graph by the interpreter; `answers` gives plain JavaScript for each call. A failed run is its error's tag and cause. */
export const run = <I, O>(built: Built<I, O>, input: I, answers: Answers = () => undefined): O => {
  const g = sealed(built)
  const given = toValue(built.inputType, input)
  if (given._tag === 'Left') throw new Error(JSON.stringify(given.left))
  const result = runPure(evaluate(g, given.right as never), (call) => {
    const v = toValue(typeOfAnswer(call), answers(call))
    if (v._tag === 'Left') throw new Error(`answer of ${call.effect}: ${JSON.stringify(v.left)}`)
    return v
  })
  if (result._tag === 'Left') throw new Error(`${result.left._tag}: ${result.left.cause}`)
  return fromValue(built.outputType, result.right) as O
}
export const plain = (x: unknown): Json => JSON.parse(JSON.stringify(x)) as Json
