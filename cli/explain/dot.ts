import type { Box, Drawing, Frame, Shape } from './drawing.ts'

const styles: Readonly<Record<Shape, string>> = {
  op: 'shape=box',
  effect: 'shape=cylinder, style=filled, fillcolor="#fde8c8"',
  kernel: 'shape=box, peripheries=2, style=filled, fillcolor="#d8e8fb"',
  leaf: 'shape=oval, style=filled, fillcolor="#f4f4f4"',
  result: 'shape=doublecircle',
}
const quoted = (s: string): string => `"${s.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ')}"`

/** The drawing for Graphviz; effects are cylinders, kernels boxes with double sides. */
export const dot = ({ name, top, arrows }: Drawing): string =>
  [
    `digraph ${quoted(name)} {`,
    '  node [fontname="sans-serif", fontsize=11]',
    ...inside(top, '  '),
    ...arrows.map((a) => `  ${a.from} -> ${a.to}${a.back === true ? ' [style=dashed]' : ''}`),
    '}',
    '',
  ].join('\n')

const inside = ({ boxes, frames }: Frame, indent: string): readonly string[] => [
  ...boxes.map((b) => indent + box(b)),
  // Graphviz frames only what is called a cluster.
  ...frames.flatMap((f) => [
    `${indent}subgraph cluster_${f.id} {`,
    `${indent}  label=${quoted(f.title)}`,
    ...inside(f, `${indent}  `),
    `${indent}}`,
  ]),
]
const box = ({ id, shape, lines }: Box): string => {
  const label = lines.map((l) => quoted(l).slice(1, -1)).join('\\n')
  return `${id} [label="${label}", ${styles[shape]}]`
}
