import type { Law, Term } from '../passes/laws/index.ts'
import { families, laws } from '../passes/laws/index.ts'

/** A term as text: the names in brackets are attributes, `f` any op that works cell by cell. */
const show = (t: Term): string => {
  switch (t.tag) {
    case 'var':
    case 'any':
      return t.name
    case 'rest':
      return `…${t.name}`
    case 'lit':
      return Object.is(t.value, -0) ? '-0' : String(t.value)
    case 'calc':
      return `<${show(t.of)}>`
    case 'each':
      return `${t.name}(${t.args.map(show).join(', ')})`
    case 'op': {
      const is = t.is === undefined ? [] : Object.values(t.is).map(String)
      const attrs = [...is, ...(t.to === undefined ? [] : [t.to]), ...(t.attrs === undefined ? [] : [t.attrs])]
      return `${t.op}${attrs.length === 0 ? '' : `[${attrs.join(', ')}]`}(${t.args.map(show).join(', ')})`
    }
    case 'pick':
      return `${t.from}[${t.by}]`
    case 'inline':
      return `body[${t.by}](${t.args.map(show).join(', ')})`
  }
}
const elements = (law: Law): string => {
  const all = law.at.map((i) => Object.values(i).join('→'))
  return all.length > 8 ? `${all.length} choices` : all.join(' ')
}
const evidence = (law: Law): string => {
  const { evidence: e } = law
  if (e.by === 'smt') return Object.keys(law.at[0]!).length === 0 ? 'tried on every value' : 'proved (z3)'
  if (e.by === 'steps') return 'proved (z3) of one step of the reduction and its start'
  return e.by === 'cells' ? 'same cells, for every small shape' : `reason: ${e.why}`
}
const conditions = (law: Law): string =>
  [
    ...(law.when === undefined ? [] : [`\`${show(law.when)}\``]),
    ...(law.where ?? []),
    ...(law.calmOnly === true ? ['calm operands'] : []),
    ...(law.mode === undefined ? [] : [`relax: ${law.mode}`]),
    ...(law.equality === 'bits' ? [] : [law.equality.bound]),
  ].join('; ')

const removed =
  'x xor false, x xor true and x xor x of truth values (the builder writes `ne`); not(x xor y); -0 - x; exponent and mantissa of neg and abs (they are not there before kernels are made); min and max of bitwise complements; converting and bitcasting to the same element; a reduction over no axes; joining one text; a vector times a transposed matrix'

export const lawsPage = (table: (head: readonly string[], rows: readonly (readonly string[])[]) => string): string =>
  [
    '# Laws',
    `Written by \`npm run docs\` from the tables in \`passes/laws/\`: ${laws.length} laws, ${laws.reduce((n, l) => n + l.at.length, 0)} with every choice of elements. Each rewrites left to right, wherever what it drops or moves cannot fail, read or write, and lowers the cost of \`passes/laws/cost.ts\`. Operands of commutative primitives may stand in any order. \`<…>\` is computed while compiling. Where all variables are truth values, a law is tried on every value instead of proved.`,
    ...families.map((f) =>
      [
        `## ${f}`,
        table(
          ['law', 'left', 'right', 'elements', 'conditions', 'evidence'],
          laws
            .filter((l) => l.family === f)
            .map((l) => [
              `\`${l.name}\``,
              `\`${show(l.left)}\``,
              `\`${show(l.right)}\``,
              elements(l),
              conditions(l),
              evidence(l),
            ]),
        ),
      ].join('\n\n'),
    ),
    '## Not here',
    `True, and removed because nothing met them: no graph of the corpus, no example and no program of \`test/laws/programs\`. ${removed}.`,
    '',
  ].join('\n\n')
