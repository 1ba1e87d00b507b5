import { print } from '../../graph/text.ts'
import { showType } from '../../graph/types.ts'
import type { Step } from '../../passes/index.ts'
import type { Colors } from '../output.ts'
import type { EffectView } from './effects.ts'
import type { Explained } from './gather.ts'
import { statementsOf } from './sql.ts'
import type { KernelView, QueryView, Way } from './view.ts'
import { steps as nodeCount } from './view.ts'

export interface TextOptions {
  readonly sql: boolean
  readonly trust: boolean
}

/** The explanation for people: what came in, what each pass did, what runs now, and what that rests on. */
export const explainText = (x: Explained, options: TextOptions, trust: readonly string[], c: Colors): string => {
  const parts: readonly (readonly string[])[] = [
    heading(x, c),
    passes(x, c),
    calls(x, options, c),
    kernels(x.kernels, c),
    assumptions(x, options.trust, c),
    trust,
    excerpt('Graph as written', print(x.source), c),
    excerpt('Optimised graph', print(x.optimised.graph), c),
  ]
  return `${parts
    .filter((p) => p.length > 0)
    .map((p) => p.join('\n'))
    .join('\n\n')}\n`
}

export const plural = (n: number, one: string, several = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : several}`
const ms = (n: number): string => (n < 10 ? `${n.toFixed(2)} ms` : `${Math.round(n)} ms`)

const heading = ({ source, digest, output, optimised, kernels }: Explained, c: Colors): readonly string[] => {
  const inputs = source.inputs.map(([n, t]) => `${n}: ${showType(t)}`).join(', ')
  const [before, after] = [nodeCount(source), nodeCount(optimised.graph)]
  return [
    `${c.bold(source.name)}  ${c.dim(`sha256 ${digest.slice(0, 16)}…`)}`,
    `  inputs   ${inputs === '' ? 'none' : cut(inputs)}`,
    `  result   ${cut(output)}`,
    `  nodes    ${before.toLocaleString('en-US')} as written, ${after.toLocaleString('en-US')} to run${kernels.length === 0 ? '' : `, ${plural(kernels.length, 'kernel')} among them`}`,
  ]
}
const cut = (s: string, most = 140): string => (s.length > most ? `${s.slice(0, most - 1)}…` : s)

const passes = ({ optimised: { steps, failures } }: Explained, c: Colors): readonly string[] => {
  const checked = steps.length
  const total = steps.reduce((n, s) => n + s.ms + s.checkMs, 0)
  return [
    c.bold('Passes'),
    ...steps.flatMap((s) => pass(s, c)),
    ...failures.flatMap((f) => [
      `  ${f.pass.padEnd(6)} ${c.red('dropped')}: ${f.cause}`,
      c.dim('         the graph before it is used: the answer is the same, only slower'),
    ]),
    `  ${plural(checked, 'certificate')} checked and accepted, ${failures.length} refused; ${ms(total)} in all`,
  ]
}
const mostNotes = 12
const pass = (s: Step, c: Colors): readonly string[] => {
  const [before, after] = [s.nodesBefore, s.nodesAfter]
  // Kernels hold copies of what they compute, so a count that grows would tell nobody anything.
  const did = !s.changed
    ? 'found nothing to do'
    : after < before
      ? `${plural(before, 'node')} → ${after.toLocaleString('en-US')}`
      : 'changed the graph'
  return [
    `  ${c.cyan(s.pass.padEnd(6))} ${did}  ${c.dim(`(${ms(s.ms)}; certificate accepted in ${ms(s.checkMs)})`)}`,
    ...s.notes.slice(0, mostNotes).map((n) => `         ${n.text}`),
    ...(s.notes.length > mostNotes
      ? [c.dim(`         … and ${s.notes.length - mostNotes} more notes (--format json has all)`)]
      : []),
  ]
}

const ways: Readonly<Record<Way, string>> = {
  once: 'runs once',
  batched: 'one call for all elements',
  each: 'runs once for each element',
  removed: 'does not run',
}
const calls = ({ queries, effects, source }: Explained, { sql }: TextOptions, c: Colors): readonly string[] => {
  const others = effects.filter((e) => e.effect !== 'dbQuery')
  if (queries.length === 0 && others.length === 0) return [c.bold('Outside'), '  nothing: the graph only computes']
  const width = Math.max(...queries.map((q) => q.name.length), ...others.map((e) => e.name.length))
  return [
    c.bold('Outside'),
    ...queries.flatMap((q) => [
      `  ${q.name.padEnd(width)}  query of '${q.db}' (${q.mode}): ${ways[q.way]}${dialect(q)}${at(q.place, c)}`,
      ...(sql ? statement(q, source.name, c) : []),
    ]),
    ...others.map(
      (e) =>
        `  ${e.name.padEnd(width)}  ${e.effect} on '${e.driver}'${e.batched ? `, ${ways.batched}` : ''}${touched(e)}${at(e.place, c)}`,
    ),
  ]
}
/** Whether every engine would answer alike; who has said for which engine it is has nothing more to hear. */
const dialect = ({ dialect: declared, notPortable: odd }: QueryView): string => {
  if (odd.length === 0) return '; portable SQL'
  if (declared !== undefined) return `; SQL for ${declared}`
  const more = odd.length === 1 ? '' : ` and ${odd.length - 1} more`
  return `; not portable: ${odd[0]}${more} (declare a dialect, or write it otherwise)`
}
/** What a call may touch, where that says more than its driver. */
const touched = ({ effect, footprint: { reads, writes } }: EffectView): string => {
  if (!telling.has(effect)) return ''
  const list = (what: string, of: typeof reads): readonly string[] =>
    of.length === 0 ? [] : [`${what} ${of.map((r) => r.name).join(', ')}`]
  return `: ${[...list('reads', reads), ...list('writes', writes)].join('; ')}`
}
const telling: ReadonlySet<string> = new Set(['fileRead', 'httpRequest', 'kvGet', 'kvSet', 'kvDelete', 'foreign'])
const at = (place: string, c: Colors): string => (place === '' ? '' : `  ${c.dim(place)}`)
const statement = (q: QueryView, graph: string, c: Colors): readonly string[] => {
  if (q.way === 'removed') return []
  const lines = (text: string): readonly string[] => text.split('\n').map((l) => `      ${l.trimEnd()}`)
  const runs = statementsOf(q, graph)
  if (q.plan === undefined) return lines(runs[0]!.sql)
  return [
    c.dim('    as written'),
    ...lines(q.sql),
    ...runs.flatMap(({ engine, sql }) => [c.dim(`    for many elements, on ${engine}`), ...lines(sql)]),
  ]
}

const mostKernels = 20
const kernels = (all: readonly KernelView[], c: Colors): readonly string[] => {
  if (all.length === 0) return []
  return [
    c.bold('Kernels'),
    ...all
      .slice(0, mostKernels)
      .map(
        (k) =>
          `  ${k.name.padEnd(4)} ${plural(k.operations, 'operation')} → ${plural(k.outputs.length, 'output')} ${c.dim(`(${cut(k.outputs.join(', '), 60)})  ${cut(k.ops.map(([op, n]) => (n === 1 ? op : `${op}×${n}`)).join(' '), 90)}`)}`,
      ),
    ...(all.length > mostKernels ? [c.dim(`  … and ${all.length - mostKernels} more`)] : []),
  ]
}

const assumptions = ({ assumptions: list, file }: Explained, all: boolean, c: Colors): readonly string[] => {
  const [first] = list
  if (first === undefined) return []
  const head = [c.bold('Assumptions'), `  ${plural(list.length, 'assumption')}, the first: ${first.statement}`]
  if (!all)
    return [
      ...head,
      c.dim(`  quoin inventory ${file} lists them with failure modes and mitigations, and adds those of the drivers`),
    ]
  return [
    ...head,
    ...list.map((a, i) => `  ${String(i + 1).padStart(2)}. ${a.id} ${c.dim(`(${a.kind})`)}: ${a.statement}`),
  ]
}

const mostLines = 24
const excerpt = (title: string, text: string, c: Colors): readonly string[] => {
  const lines = text.trimEnd().split('\n')
  const shown = lines.length <= mostLines + 3 ? lines : lines.slice(0, mostLines)
  return [
    c.bold(title),
    ...shown.map((l) => c.dim(`  ${cut(l, 118)}`)),
    ...(shown.length < lines.length
      ? [c.dim(`  … ${lines.length - shown.length} more lines; QUOIN_DEBUG=3 prints all`)]
      : []),
  ]
}
