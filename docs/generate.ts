import { writeFileSync } from 'node:fs'
import { elementary } from '../graph/elementary/index.ts'
import type { OpDecl } from '../graph/ops/index.ts'
import { families } from '../graph/ops/index.ts'
import { prims } from '../graph/prims.ts'

/** Pages that list things are written from the registries, so that they cannot grow stale. `npm run docs` writes them. */
const titles: Readonly<Record<keyof typeof families, string>> = {
  elementwise: 'Cell by cell',
  shape: 'Shape, reduction, products',
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

export const opsPage = (): string => {
  const parts = Object.entries(families).map(([family, ops]) =>
    [
      `## ${titles[family as keyof typeof families]}`,
      table(
        ['op', 'what it does', 'remarks'],
        Object.entries(ops as unknown as Record<string, OpDecl<object>>).map(([n, d]) => [
          `\`${n}\``,
          d.doc,
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
    'Written by `npm run docs` from the declarations in `graph/ops/`. The type rules are in the same files; the meaning of each pure op is in `graph/meaning/`.',
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

export const pages: Readonly<Record<string, () => string>> = { 'docs/ops.md': opsPage }

if (import.meta.main)
  for (const [path, page] of Object.entries(pages)) writeFileSync(new URL(`../${path}`, import.meta.url), page())
