import type { Made, MemoryPlan } from '../../runtime/kernels/plan.ts'
import type { Operand, Program } from '../program/types.ts'

/**
 * Holds the direct form of a program to its steps: following every step on paper, each kernel must be called once and in
 * order, on what the program gives it, and the result must be the program's.
 */
export const directProblem = (p: Program, m: MemoryPlan): string | undefined => {
  const { direct } = m
  if (direct === undefined) return undefined
  const { steps, result } = p.blocks[p.main]!
  /** What a step gives, as text: an output of a call, all of them, or a record. */
  const given: string[] = []
  const text = (o: Operand): string =>
    o.at === 'step' ? given[o.index]! : o.at === 'input' ? `input ${JSON.stringify(o.name)}` : 'something else'
  let next = 0
  for (const [k, s] of steps.entries()) {
    if (s.kind === 'kernel') {
      const d = direct.steps[next]
      const c = d === undefined ? undefined : m.calls[d.call]
      if (d === undefined || c?.step !== k || m.frames[c.frame]?.block !== p.main)
        return `step ${k} is not called in its turn`
      if (d.inputs.length !== s.args.length) return `step ${k} takes more or less`
      for (const [i, a] of s.args.entries()) {
        const x = d.inputs[i]
        const meant = typeof x === 'string' ? `input ${JSON.stringify(x)}` : `output ${x?.join(' ')}`
        if (text(a) !== meant) return `step ${k} takes another input ${i}`
      }
      given.push(`call ${d.call}`)
      next++
    } else if (s.op === 'field' && s.kind === 'host') {
      const of = text(s.args[0]!)
      if (!of.startsWith('call ')) return `step ${k} looks into what is no kernel`
      given.push(`output ${of.slice(5)} ${(s.attrs as { name: string }).name}`)
    } else if (s.op === 'record' && s.kind === 'host') {
      const { fields } = s.attrs as { fields: readonly string[] }
      given.push(`{${fields.map((n, i) => `${JSON.stringify(n)}: ${text(s.args[i]!)}`).join()}}`)
    } else return `step ${k} is more than a call`
  }
  if (next !== direct.steps.length) return 'a call has no step'
  const shown = (x: Made): string =>
    'fields' in x
      ? `{${x.fields.map(([n, y]) => `${JSON.stringify(n)}: ${shown(y)}`).join()}}`
      : `output ${x[0]} ${x[1]}`
  return shown(direct.result) === text(result) ? undefined : 'its direct result is another one'
}
