import type { DbQueryAttrs } from '../../../graph/effects.ts'
import type { AheadStep, Operand, Step } from '../../program/types.ts'
import type { Names } from './scouts.ts'

/** What is known of a value while a look ahead is read: a value of its own, or something of the rows of a level. */
type Known =
  | { readonly is: 'value'; readonly text: string }
  | { readonly is: 'row' | 'answer'; readonly of: Asked }
  | { readonly is: 'column'; readonly of: Asked; readonly name: string }
  | { readonly is: 'other' }
/** A query with what is asked for its rows; the first one stands for the list that is mapped. */
interface Asked {
  readonly mode: DbQueryAttrs['mode']
  /** The list over whose elements it is asked. */
  readonly within: Asked | undefined
  readonly text: (below: string) => string
  readonly below: Asked[]
}

/**
 * A look ahead as a table: queries whose arguments are columns of the rows of another one, or the same for all rows.
 * Nothing where it computes more, or where two of its queries are one, which only the general form asks once.
 */
export const levelsText = ({ scout }: AheadStep, names: Names, mapped: boolean): string | undefined => {
  const root: Asked = { mode: 'many', within: undefined, text: (below) => below, below: [] }
  const block = names.blocks[scout]!
  const seen = new Set<string>()
  const params = block.params.map((_, k): Known => {
    if (mapped && k === 0) return { is: 'row', of: root }
    return { is: 'value', text: `p[${k}]!` }
  })
  const read = (index: number, given: readonly Known[], within: Asked): boolean => {
    const steps: Known[] = []
    const operand = (o: Operand): Known => {
      switch (o.at) {
        case 'step':
          return steps[o.index]!
        case 'param':
          return given[o.index]!
        case 'input':
          return { is: 'value', text: `input[${JSON.stringify(o.name)}]!` }
        case 'absent':
          return { is: 'other' }
      }
    }
    for (const s of names.blocks[index]!.steps) {
      const known = step(s, s.args.map(operand), within)
      if (known === undefined) return false
      steps.push(known)
    }
    return true
  }
  const step = (s: Step, args: readonly Known[], within: Asked): Known | undefined => {
    const [first] = args
    if (s.kind === 'sequence') return args[1]
    if (s.kind === 'host' && s.op === 'const') return { is: 'value', text: names.constant(s) }
    if (s.kind === 'host' && s.op === 'field') {
      const { name } = s.attrs as { name: string }
      if (first?.is === 'row') return { is: 'column', of: first.of, name }
      return first?.is === 'answer' && first.of.mode === 'one' ? { is: 'column', of: first.of, name } : undefined
    }
    if (s.kind === 'map') {
      if (first?.is !== 'answer' || first.of.mode !== 'many' || first.of.within !== within) return undefined
      const inner = [{ is: 'row', of: first.of } as const, ...args.slice(1)]
      return read(s.blocks[0]!, inner, first.of) ? { is: 'other' } : undefined
    }
    return s.kind === 'effect' && s.op === 'dbQuery' ? asked(s, args, within) : undefined
  }
  const asked = (s: Step, args: readonly Known[], within: Asked): Known | undefined => {
    const { mode, db, sql } = s.attrs as unknown as DbQueryAttrs
    if (seen.has(`${db} ${sql}`)) return undefined
    seen.add(`${db} ${sql}`)
    const sources = new Set(args.flatMap((a) => ('of' in a ? [a.of] : [])))
    const [source = within] = sources
    // One place for all arguments: the element at hand, or the one row of an answer that was asked for it.
    if (sources.size > 1 || !(source === within || (source.mode === 'one' && source.within === within)))
      return undefined
    const from = args.map((a) => {
      if (a.is === 'value') return `{ value: ${a.text} }`
      if (a.is === 'column') return `{ column: ${JSON.stringify(a.name)} }`
      return a.is === 'row' ? '{ element: true }' : undefined
    })
    if (from.includes(undefined)) return undefined
    const attrs = names.attributes(s.op, s.attrs)
    const types = names.types(s.argTypes)
    const own: Asked = {
      mode,
      within,
      text: (below) => `{ attrs: ${attrs}, types: ${types}, from: [${from.join(', ')}], below: [${below}] }`,
      below: [],
    }
    source.below.push(own)
    return { is: 'answer', of: own }
  }
  if (!read(scout, params, root)) return undefined
  const shown = (a: Asked): string => a.text(a.below.map(shown).join(', '))
  return `[${shown(root)}]`
}
