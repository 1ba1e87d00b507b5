import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ts } from 'ts-morph'
import { rules } from '../../verify/scan/finding.ts'
import type { Allowance } from '../../verify/scan/scan.ts'
import { needsAssumption } from '../../verify/scan/scan.ts'
import { failed } from '../failure.ts'

/** What a project allows itself, each with its reason and its line: `allow` in quoin.json. */
export const allowancesIn = (root: string): readonly Allowance[] => {
  const file = join(root, 'quoin.json')
  if (!existsSync(file)) return []
  const text = readText(file)
  const read = parsed(text)
  if ('wrong' in read) throw failed(`quoin.json cannot be read: ${read.wrong}`, example)
  const { allow = [], ...more } = objectAt(read.json, '')
  const [odd] = Object.keys(more)
  if (odd !== undefined)
    throw failed(`quoin.json: there is no setting '${odd}'`, `its one setting is 'allow'. ${example}`)
  if (!Array.isArray(allow)) throw failed("quoin.json: 'allow' is no list", example)
  const lines = linesOf(text)
  return allow.map((a, i) => ({
    ...allowance(a, `allow[${i}]`),
    declared: { file: 'quoin.json', line: lines[i] ?? 1 },
  }))
}
const example = 'write { "allow": [{ "rule": "clock", "file": "src/now.ts", "reason": "…" }] }'
const fields = ['rule', 'file', 'what', 'reason', 'assumption']

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (e) {
    throw failed(`quoin.json cannot be read: ${e instanceof Error ? e.message : String(e)}`, example)
  }
}
const parsed = (text: string): { readonly json: unknown } | { readonly wrong: string } => {
  try {
    return { json: JSON.parse(text) as unknown }
  } catch (e) {
    return { wrong: e instanceof Error ? e.message : String(e) }
  }
}

const objectAt = (x: unknown, at: string): Readonly<Record<string, unknown>> => {
  if (typeof x === 'object' && x !== null && !Array.isArray(x)) return x as Readonly<Record<string, unknown>>
  const is = x === null ? 'null' : Array.isArray(x) ? 'a list' : `a ${typeof x}`
  throw failed(`quoin.json: ${at === '' ? 'it' : at} is ${is}, and no object`, example)
}
const isText = (x: unknown): x is string => typeof x === 'string' && x.trim() !== ''

const allowance = (x: unknown, at: string): Allowance => {
  const a = objectAt(x, at)
  const no = (field: string, fix: string): Error =>
    failed(`quoin.json: ${at}.${field} is ${a[field] === undefined ? 'not there' : JSON.stringify(a[field])}`, fix)
  const odd = Object.keys(a).find((k) => !fields.includes(k))
  if (odd !== undefined) throw failed(`quoin.json: ${at} has no field '${odd}'`, `its fields are ${fields.join(', ')}`)
  const rule = rules.find((r) => r === a.rule)
  if (rule === undefined) throw no('rule', `name one of ${rules.join(', ')}`)
  if (!isText(a.file)) throw no('file', 'name a file from here, or a folder with a slash at its end')
  if (!isText(a.reason)) throw no('reason', 'say why it may stand there')
  if (a.what !== undefined && !(Array.isArray(a.what) && a.what.every(isText)))
    throw no('what', 'list what may stand there, as findings name it: ["Date.now"]')
  if (a.assumption !== undefined ? !isText(a.assumption) : needsAssumption(rule))
    throw no('assumption', `name the assumption that speaks of it, by its id: ${rule} is allowed with one alone`)
  return a as unknown as Allowance
}

/** The line of each entry of `allow`, as editors count. */
const linesOf = (text: string): readonly number[] => {
  const source = ts.parseJsonText('quoin.json', text)
  const root = source.statements[0]?.expression
  if (root === undefined || !ts.isObjectLiteralExpression(root)) return []
  // Of equal names JSON keeps the last.
  const allow = root.properties.findLast(
    (p) => ts.isPropertyAssignment(p) && ts.isStringLiteral(p.name) && p.name.text === 'allow',
  )
  if (allow === undefined || !ts.isPropertyAssignment(allow) || !ts.isArrayLiteralExpression(allow.initializer))
    return []
  return allow.initializer.elements.map((e) => source.getLineAndCharacterOfPosition(e.getStart(source)).line + 1)
}
