import { readFileSync, writeFileSync } from 'node:fs'
import { inputType, outputType } from '../codegen/targets/module/host-types.ts'
import { toValue } from '../graph/build/host.ts'
import { elementary } from '../graph/elementary/index.ts'
import { decisionOf } from '../graph/gradient/table.ts'
import { encodeValue } from '../graph/json-value.ts'
import type { OpDecl } from '../graph/ops/index.ts'
import { families } from '../graph/ops/index.ts'
import { prims } from '../graph/prims.ts'
import type { Type } from '../graph/types.ts'
import { parseType } from '../graph/types.ts'
import { assumptionsPage } from './assumptions-page.ts'
import { lawsPage } from './laws-page.ts'
import { requirementsPage } from './requirements-page.ts'
import { sqlPage } from './sql-page.ts'
import { withTable } from './trust-page.ts'

/** Pages that list things are written from the registries, so that they cannot grow stale. `npm run docs` writes them. */
const titles: Readonly<Record<keyof typeof families, string>> = {
  elementwise: 'Cell by cell',
  shape: 'Shape, reduction, products',
  columns: 'Running values, order, groups, joins',
  linear: 'Transforms, linear algebra',
  structure: 'Records, lists, options, unions',
  data: 'Literals, text, JSON',
  control: 'Inputs, bodies, control',
  effect: 'Effects',
}

const row = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const remarks = (d: OpDecl<object>): string =>
  [d.fallible === true ? 'may end the run with an error' : '', d.from === undefined ? '' : `from stage ${d.from} on`]
    .filter((s) => s !== '')
    .join('; ')

/** What `grad` does about an op: see docs/gradients.md. */
const gradients = { rule: 'by rule', flat: 'nothing flows', refused: 'refused', never: '' } as const

export const opsPage = (): string => {
  const parts = Object.entries(families).map(([family, ops]) =>
    [
      `## ${titles[family as keyof typeof families]}`,
      table(
        ['op', 'what it does', 'gradient', 'remarks'],
        Object.entries(ops as unknown as Record<string, OpDecl<object>>).map(([n, d]) => [
          `\`${n}\``,
          d.doc,
          gradients[decisionOf(n).by],
          remarks(d),
        ]),
      ),
    ].join('\n\n'),
  )
  const primitives = table(
    ['primitive', 'operands', 'on'],
    Object.entries(prims).map(([n, p]) => [`\`${n}\``, String(p.arity), p.on.join(' ')]),
  )
  const functions = table(
    ['function', 'range', 'greatest error f64', 'greatest error f32'],
    Object.entries(elementary).map(([n, e]) => [`\`${n}\``, e.range, `${e.ulps.f64} ulp`, `${e.ulps.f32} ulp`]),
  )
  return [
    '# Ops',
    'Written by `npm run docs` from the declarations in `graph/ops/`. The type rules are in the same files; the meaning of each pure op is in `graph/meaning/`, what `grad` does about it in `graph/gradient/`.',
    ...parts,
    '## Elementary functions',
    'Expansions into primitives (`graph/elementary/`): the expansion is the meaning, so every target gives the same bits. Errors are in units in the last place of the exact result, greatest found.',
    functions,
    '## Primitives',
    'What every target has exactly; `graph/prims.ts` defines each.',
    primitives,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

/** One value of each kind of type: what a program gives, and its JSON as `encodeValue` writes it. */
export const samples: readonly (readonly [type: string, given: unknown])[] = [
  ['f64', 2.5],
  ['f64', Number.NaN],
  ['f64', Number.NEGATIVE_INFINITY],
  ['f64', -0],
  ['f32', 0.1],
  ['i32', -7],
  ['u32', 7],
  ['i64', 7n],
  ['u64', 2n ** 64n - 1n],
  ['bool', true],
  ['string', 'tea'],
  ['bytes', Uint8Array.of(1, 2, 3)],
  ['timestamp', '2026-01-02T03:04:05.000006Z'],
  ['decimal(2)', '12.50'],
  ['json', { any: ['document', null] }],
  ['unit', null],
  ['option<f64>', 100],
  ['option<f64>', null],
  ['option<option<f64>>', null],
  ['{id: i64, amount: f64}', { id: 1n, amount: 2 }],
  ['f64[n]', [1, Number.NaN]],
  ['i64[n]', [1n, 2n]],
  ['f64[2,n]', [[1], [2]]],
  ['list<{id: i64}>[row]', [{ id: 1n }, { id: 2n }]],
  ['union<card: string | cash: unit>', { _tag: 'card', value: '4711' }],
  ['result<f64>', { _tag: 'Ok', value: 1 }],
  ['result<f64>', { _tag: 'Err', error: { tag: 'NoRow', message: "'customer' found no row" } }],
]
const json = (type: Type, given: unknown): string => {
  const v = toValue(type, given)
  return v._tag === 'Left' ? '' : JSON.stringify(encodeValue(type, v.right))
}
export const valuesPage = (): string =>
  [
    '# Values',
    'Written by `npm run docs`. What a program gives to `run` and gets from it, and the JSON form of the same value: what `quoin run --input` reads, what `--json` prints, what `JSON.stringify` makes of a result that is a record, and what `toJson` makes inside a graph.',
    table(
      ['type', 'given to `run`', 'result of `run`', 'JSON, an example'],
      samples.map(([text, given]) => {
        const type = parseType(text)
        if (typeof type === 'string') throw new Error(type)
        return [`\`${text}\``, `\`${inputType(type)}\``, `\`${outputType(type)}\``, `\`${json(type, given)}\``]
      }),
    ),
    [
      '- JSON has no NaN, no infinities and no -0, and programs lose digits of large numbers; those travel as text.',
      '- An option is `null` or an array of its one value, so that `option<option<f64>>` and an option of a document that is `null` can be told apart. Reading also takes the bare value, unless that is an array.',
      '- A timestamp is in UTC with six decimals of a second; one outside the years that ISO 8601 writes is `…us`, microseconds since 1970.',
      '- A `decimal` as a bigint is the scaled number: `1250n` is 12.50. Its text has all its places.',
      '- Results are copies. `RowsOut` has `length`, `at(i)`, `columns` and iteration; `Shaped` has `shape` and `data`, row by row.',
    ].join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')

export const pages: Readonly<Record<string, () => string>> = {
  'docs/assumptions.md': assumptionsPage,
  'docs/REQUIREMENTS.md': () => requirementsPage(table),
  'docs/laws.md': () => lawsPage(table),
  'docs/ops.md': opsPage,
  'docs/sql.md': () => sqlPage(table),
  'docs/values.md': valuesPage,
}

if (import.meta.main) {
  for (const [path, page] of Object.entries(pages)) writeFileSync(new URL(`../${path}`, import.meta.url), page())
  // Counts of lines move with every change, so the page may be a little behind; a test says how far.
  const trust = new URL('trust.md', import.meta.url)
  writeFileSync(trust, withTable(readFileSync(trust, 'utf8')))
}
