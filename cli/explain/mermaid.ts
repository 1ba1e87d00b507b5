import type { Box, Drawing, Frame, Shape } from './drawing.ts'

const brackets: Readonly<Record<Shape, readonly [string, string]>> = {
  op: ['[', ']'],
  effect: ['[(', ')]'],
  kernel: ['[[', ']]'],
  leaf: ['([', '])'],
  result: ['((', '))'],
}
/** Quotes end a label, and a leading number with a dot would become a list. */
const text = (line: string): string =>
  line
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('#', '&#35;')

/** The drawing as a Mermaid flowchart; effects are cylinders, kernels boxes with double sides. */
export const mermaid = ({ name, top, arrows }: Drawing): string =>
  [
    `%% ${name.replaceAll('\n', ' ')}`,
    'flowchart TD',
    ...inside(top, '  '),
    ...arrows.map((a) => `  ${a.from} ${a.back === true ? '-.->' : '-->'} ${a.to}`),
    '  classDef effect fill:#fde8c8,stroke:#b5651d,color:#000',
    '  classDef kernel fill:#d8e8fb,stroke:#2a5d9f,color:#000',
    '  classDef leaf fill:#f4f4f4,stroke:#999,color:#000',
    '',
  ].join('\n')

const inside = ({ boxes, frames }: Frame, indent: string): readonly string[] => [
  ...boxes.map((b) => indent + box(b)),
  ...frames.flatMap((f) => [
    `${indent}subgraph ${f.id}["${text(f.title)}"]`,
    ...inside(f, `${indent}  `),
    `${indent}end`,
  ]),
]
const box = ({ id, shape, lines }: Box): string => {
  const [open, close] = brackets[shape]
  const style = shape === 'effect' || shape === 'kernel' || shape === 'leaf' ? `:::${shape}` : ''
  return `${id}${open}"${lines.map(text).join('<br/>')}"${close}${style}`
}
