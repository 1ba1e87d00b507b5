import { readFileSync } from 'node:fs'
import { ofTlc, stepsOf } from './dot.ts'
import { fetched, tlc } from './java.ts'
import { explored, keyOf } from './machine.ts'
import { specs } from './registry.ts'
import type { Spec } from './spec.ts'
import { constantsOf, mutated, sizes, withoutAction } from './spec.ts'
import { traced } from './traced.ts'
import { keptTraces } from './traces/family.ts'
import type { Recorded } from './traces/traces.ts'
import { traceData } from './traces/traces.ts'

/**
 * Checks the specifications with TLC, liveness included, that they have the state graphs of their models in TypeScript,
 * and that what must be found is found: `npm run specs`, `npm run specs -- Scheduler`.
 */
const folder = new URL('../../specs-tla/', import.meta.url)
const read = (f: string): string => readFileSync(new URL(f, folder), 'utf8')
const say = (text: string): void => void process.stdout.write(`${text}\n`)

let claims = 0
const failures: string[] = []
const claim = (what: string, holds: boolean, said: string): void => {
  claims++
  say(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (!holds) failures.push(`${what}\n${said.split('\n').slice(-40).join('\n')}`)
}

const holds = (spec: Spec, size: (typeof sizes)[number]) => async (): Promise<void> => {
  const cfg = read(`${spec.name}${size}.cfg`)
  const { text, dot } = await tlc(spec.name, { [spec.name]: read(`${spec.name}.tla`) }, cfg, true)
  const found = Number(/(\d[\d,]*) distinct states found, 0 states left/.exec(text)?.[1]?.replaceAll(',', ''))
  const clean = text.includes('No error has been found') && found === spec.states[size]
  claim(`${spec.name}, ${size.toLowerCase()}: safety and liveness over ${found} states`, clean, text)
  if (!clean) return
  const graph = explored(spec.machine(constantsOf(cfg)))
  const keys = graph.states.map(keyOf)
  const steps = stepsOf(graph, true)
  const drawn = ofTlc(dot)
  const other = [...drawn.states.symmetricDifference(new Set(keys)), ...drawn.steps.symmetricDifference(steps)]
  const what = `${spec.name}, ${size.toLowerCase()}: the same ${steps.size} named steps as the model in TypeScript`
  claim(what, other.length === 0, other.slice(0, 4).join('\n'))
}
/** TLC says that a temporal property was violated, and not which: so it is asked about one alone. */
const finds = (spec: Spec, text: string, size: string, property: string, about: string) => async (): Promise<void> => {
  const cfg = read(`${spec.name}${size}.cfg`).replace(/^PROPERTIES .*$/m, `PROPERTIES ${property}`)
  const said = (await tlc(spec.name, { [spec.name]: text }, cfg)).text
  claim(`${spec.name}: found when ${about}: ${property}`, said.includes('Temporal properties were violated'), said)
}

interface Read extends Recorded {
  readonly accepted: boolean
}
/** TLC and the model in TypeScript must agree about every trace; all that are real are accepted. */
const reads = async (spec: Spec, of: string, constants: string, all: readonly Read[]): Promise<void> => {
  const name = `Trace${spec.name}`
  const modules = { [name]: read(`${name}.tla`), [spec.name]: read(`${spec.name}.tla`), TraceData: traceData(all) }
  const cfg = `INIT TraceInit\nNEXT TraceNext\n${constants}INVARIANTS Accepted\nCHECK_DEADLOCK FALSE\n`
  const { text } = await tlc(name, modules, cfg)
  const accepted = new Set([...text.matchAll(/<<"accepted", (\d+)>>/g)].map(([, n]) => Number(n)))
  const real = all.filter((x) => x.real).length
  const kept = all.filter((x, i) => x.real && accepted.has(i + 1)).length
  const refused = all.filter((x, i) => !x.real && !accepted.has(i + 1)).length
  const same = all.every((x, i) => x.accepted === accepted.has(i + 1))
  claim(
    `${spec.name}: ${kept} of ${real} traces ${of} accepted, ${refused} of ${all.length - real} corrupted ones refused, ` +
      'and the model in TypeScript agrees on each',
    text.includes('No error has been found') && kept === real && (refused > 0 || all.length - real < 10) && same,
    text,
  )
}
const replays = (spec: Spec) => async (): Promise<void> => {
  const t = traced.find((x) => x.name === spec.name)
  if (t === undefined) return
  const all = await t.record()
  await reads(
    spec,
    'recorded here',
    t.cfg,
    all.map((x) => ({ ...x, accepted: t.accepted(x) })),
  )
}
/** What other tests saw is there only if they ran on these files. */
const kept = keptTraces()

const works = (spec: Spec): readonly (() => Promise<void>)[] => {
  const text = read(`${spec.name}.tla`)
  return [
    ...sizes.map((size) => holds(spec, size)),
    ...spec.stuck.map((m) => finds(spec, mutated(text, m), m.model ?? 'Large', m.violates, m.about)),
    replays(spec),
    ...kept.filter((k) => k.spec === spec.name).map((k) => () => reads(spec, `of ${k.name}`, k.cfg, k.traces)),
    ...Object.entries(spec.shortcuts ?? {}).flatMap(([action, s]) =>
      'breaks' in s ? [finds(spec, withoutAction(text, action), 'Small', s.breaks, `${action} never happens`)] : [],
    ),
  ]
}

const trouble = fetched()
if (trouble !== undefined) failures.push(trouble)
else {
  const only = process.argv.slice(2)
  const todo = specs.filter((s) => only.length === 0 || only.includes(s.name)).flatMap(works)
  const began = performance.now()
  // Starting Java takes most of the time, so two go side by side.
  const worker = async (): Promise<void> => {
    for (let w = todo.shift(); w !== undefined; w = todo.shift()) await w()
  }
  await Promise.all([worker(), worker()])
  const seconds = Math.round((performance.now() - began) / 1000)
  if (kept.length === 0) say('no traces of other tests are here, because they have not run on these files: npm test')
  say(`TLC checked ${claims} claims in ${seconds} s; safety is checked by tla-checker as well, in npm test`)
}
for (const f of failures) say(`\n${f}`)
process.exitCode = failures.length === 0 && claims > 0 ? 0 : 1
