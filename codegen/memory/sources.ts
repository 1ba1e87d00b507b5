import type { Block, Operand, Step } from '../program/types.ts'

/** What stands behind an operand once everything that only hands a value on is seen through. */
export type Source =
  | { readonly is: 'output'; readonly step: number; readonly output: number }
  /** All outputs of a kernel, as one record. */
  | { readonly is: 'outputs'; readonly step: number }
  /** Any other value, by a name of its own within the block. */
  | { readonly is: 'value'; readonly name: string }

/** The sources of a block's operands. */
export const sourcesOf = (b: Block): ((o: Operand) => Source) => {
  const known: Source[] = []
  const source = (o: Operand): Source => {
    switch (o.at) {
      case 'step':
        return known[o.index]!
      case 'param':
        return { is: 'value', name: `p${o.index}` }
      case 'input':
        return { is: 'value', name: `input ${o.name}` }
      case 'absent':
        return { is: 'value', name: `absent ${o.type}` }
    }
  }
  const made = (s: Step, k: number): Source => {
    if (s.kind === 'kernel') return { is: 'outputs', step: k }
    if (s.kind === 'sequence' || s.kind === 'assert') return source(s.args[1]!)
    if (s.kind === 'host' && s.op === 'field') {
      const of = source(s.args[0]!)
      if (of.is === 'outputs')
        return { is: 'output', step: of.step, output: Number((s.attrs as { name: string }).name) }
    }
    return { is: 'value', name: `v${k}` }
  }
  for (const [k, s] of b.steps.entries()) known.push(made(s, k))
  return source
}

/** What a step itself looks at: not what it only hands on. */
export const looked = (s: Step): readonly Operand[] => {
  if (s.kind === 'sequence') return []
  return s.kind === 'assert' ? s.args.filter((_, k) => k !== 1) : s.args
}
