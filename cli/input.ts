import { resolve } from 'node:path'
import { fromValue } from '../graph/build/host.ts'
import { isLeft } from '../graph/either.ts'
import { decodeValue } from '../graph/json-value.ts'
import type { Fields } from '../graph/types.ts'
import { record, showType } from '../graph/types.ts'
import { failed } from './failure.ts'
import { parseJson, readJson } from './load/json-file.ts'
import { near } from './load/near.ts'

/** The inputs of a run: a JSON object from a file or from standard input, in the JSON form of the declared types. */
export const readInput = async (given: string | undefined, inputs: Fields): Promise<unknown> => {
  const fix = inputs.length === 0 ? 'give {}: the graph has no inputs' : `give a JSON object of ${signature(inputs)}`
  if (given === undefined) {
    if (inputs.length === 0) return {}
    throw failed(
      `the graph needs inputs: ${signature(inputs)}`,
      'give them as a JSON object with --input file.json, or --input - for standard input',
    )
  }
  const shown = given === '-' ? 'standard input' : near(resolve(given))
  const json = given === '-' ? parseJson(await standardInput(), shown, fix) : await readJson(resolve(given), shown, fix)
  const value = decodeValue(record(inputs), json)
  if (isLeft(value)) {
    const wrong = value.left.slice(0, 5).map((m) => `${m.path} ${m.problem}`)
    const more = value.left.length > 5 ? [`and ${value.left.length - 5} more`] : []
    throw failed(`${shown} does not fit the inputs of the graph: ${[...wrong, ...more].join('; ')}`, fix)
  }
  return fromValue(record(inputs), value.right)
}

export const signature = (inputs: Fields): string => {
  const text = inputs.map(([n, t]) => `${n}: ${showType(t)}`).join(', ')
  return text.length > 300 ? `${text.slice(0, 299)}…` : text
}

const standardInput = async (): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const part of process.stdin) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}
