import type { Json } from '../../../graph/values.ts'
import type { Block, Operand, Step } from '../../program/types.ts'

export interface Names {
  readonly attributes: (op: string, attrs: Json) => string
  readonly types: (ids: readonly number[]) => string
  readonly constant: (s: Step) => string
  readonly blocks: readonly Block[]
}

/**
 * A scout as text: the steps of a block, said to `s` instead of being done at once. Values are cells, which may be
 * settled later, when answers have come.
 */
export const scoutText = (b: Block, index: number, names: Names): string => {
  const operand = (o: Operand): string => {
    switch (o.at) {
      case 'step':
        return `v${o.index}`
      case 'param':
        return `p[${o.index}]!`
      case 'input':
        return `s.value(input[${JSON.stringify(o.name)}]!)`
      case 'absent':
        return `s.value(q.absent(T[${o.type}]))`
    }
  }
  /** The type of the elements that a map collects; nothing when nobody uses them. */
  const collected = (block: number): string => {
    const { result, resultType } = names.blocks[block]!
    return result.at === 'absent' ? 'undefined' : `T[${resultType}]`
  }
  const step = (x: Step): string => {
    const all = x.args.map(operand)
    const args = `[${all.join(', ')}]`
    const rest = all.slice(1)
    const attrs = (): string => names.attributes(x.op, x.attrs)
    switch (x.kind) {
      case 'host':
        return x.op === 'const'
          ? `s.value(${names.constant(x)})`
          : `s.host(${JSON.stringify(x.op)}, ${attrs()}, ${args}, ${names.types(x.argTypes)}, T[${x.type}])`
      case 'kernel':
        return `s.kernel(${x.kernel}, ${args})`
      case 'effect':
        return `s.ask(${JSON.stringify(x.op)}, ${attrs()}, ${args}, ${names.types(x.argTypes)}, at)`
      case 'assert':
        return `s.assert(${attrs()}, ${args}, at)`
      case 'decode':
        return `s.decode(${attrs()}, T[${x.type}], ${all[0]}, at)`
      case 'sequence':
        return all[1]!
      case 'map':
        return `s.map(b${x.blocks[0]}, T[${x.argTypes[0]}], ${collected(x.blocks[0]!)}, ${args}, at)`
      case 'cond':
        return `s.cond(${all[0]}, [${x.blocks.map((k) => `() => b${k}(s, [${rest.join(', ')}], at)`).join(', ')}])`
      case 'match':
        return `s.match(T[${x.argTypes[0]}], ${all[0]}, [${x.blocks
          .map((k) => `(o: Cell) => b${k}(s, [${['o', ...rest].join(', ')}], at)`)
          .join(', ')}])`
      case 'fork': {
        const { fields } = x.attrs as { fields: readonly string[] }
        return `s.fork(${JSON.stringify(fields)}, [${x.blocks.map((k) => `b${k}(s, ${args}, at)`).join(', ')}])`
      }
      case 'attempt':
        return `s.attempt(b${x.blocks[0]}(s, ${args}, at))`
      case 'loop':
      case 'cached':
      case 'transaction':
        return `s.value(q.absent(T[${x.type}]))`
    }
  }
  return [
    `const b${index} = (s: Scout, p: readonly Cell[], at: Iteration): Cell => {`,
    ...b.steps.map((x, k) => `  const v${k} = ${step(x)}`),
    `  return ${operand(b.result)}`,
    '}',
  ].join('\n')
}
