import type { Tapped } from '../../interpret.ts'
import type { Step } from '../../runtime/replay/playback.ts'
import { labelOf } from '../../runtime/replay/playback.ts'
import type { Colors } from '../output.ts'

/** What a replayed run shows on the way. */
export type Seen = Step | Tapped

/** One line for a call with its answer, or for a value that was tapped. */
export const seenLine = (s: Seen, c: Colors): string => {
  if (!('occurrence' in s)) return `${c.cyan('tap')}  ${c.bold(labelOf(s))} = ${JSON.stringify(s.value)}`
  const answer = 'err' in s.answer ? c.red(`${s.answer.err._tag}: ${s.answer.err.cause}`) : JSON.stringify(s.answer.ok)
  const about = [
    s.effect,
    s.place,
    `${s.ms.toFixed(1)} ms`,
    ...(s.together ? ['asked together'] : []),
    ...(s.redacted ? ['redacted'] : []),
  ].filter((x) => x !== '')
  return `${c.bold(labelOf(s))}(${s.args.map((a) => JSON.stringify(a)).join(', ')}) → ${answer}  ${c.dim(about.join(', '))}`
}
