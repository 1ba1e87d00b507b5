import { canonical } from '../../graph/make.ts'
import { showType } from '../../graph/types.ts'
import type { Operand, Program } from './types.ts'

/** The effect program for people: a block a paragraph, a step a line. */
export const printProgram = (p: Program): string => {
  const operand = (o: Operand): string => {
    switch (o.at) {
      case 'step':
        return `v${o.index}`
      case 'param':
        return `p${o.index}`
      case 'input':
        return o.name
      case 'absent':
        return '_'
    }
  }
  const type = (i: number): string => showType(p.types[i]!)
  const blocks = p.blocks.map((b, i) => {
    const head = `block ${i}${i === p.main ? ' (main)' : ''}(${b.params.map((t, k) => `p${k}: ${type(t)}`).join(', ')})${b.waits ? ' waits' : ''}`
    const steps = b.steps.map((s, k) => {
      const attrs = canonical(s.attrs)
      const parts = [
        s.op,
        ...(s.kernel === undefined ? [] : [`k${s.kernel}`]),
        ...s.args.map(operand),
        ...(attrs === '{}' ? [] : [attrs]),
        ...s.blocks.map((x) => `block ${x}`),
        ...(s.after.length === 0 ? [] : [`after ${s.after.map((i) => `v${i}`).join(' ')}`]),
      ]
      return `  v${k} = ${parts.join(' ')} : ${type(s.type)}`
    })
    return [head, ...steps, `  -> ${operand(b.result)}`].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}
