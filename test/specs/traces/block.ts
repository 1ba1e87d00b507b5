import type { NodeId } from '../../../graph/arena.ts'
import { effectError } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bindKernels } from '../../../runtime/bind.ts'
import type { Driver } from '../../../runtime/driver.ts'
import { support } from '../../../runtime/support.ts'
import { runOn } from '../../../verify/model/compiled.ts'
import { read, write } from '../../schedule/calls.ts'
import { compiled } from '../../targets/compiled.ts'
import { Draft } from '../../targets/draft.ts'
import type { Program } from '../protocols/scheduler.ts'
import type { Seen } from './traces.ts'

/** The graph that a program of the specification stands for: step k is occurrence k - 1. A claim asks what nobody writes. */
const graphOf = ({ kind, table, takes }: Program) => {
  const d = new Draft()
  const key = d.in('i64')
  const made: NodeId[] = []
  for (const [k, what] of kind.entries()) {
    const value = takes[k] === 0 ? key : made[takes[k]! - 1]!
    const name = `t${table[k]!}`
    made.push(
      what === 'read' ? read(d, name, value) : what === 'write' ? write(d, name, value) : read(d, 'fixed', value),
    )
  }
  return d.graph(d.record(...made))
}

/**
 * Compiles a program, runs it against a driver that does and answers things when `next` chooses, and records which calls
 * came, what was done and answered, and which step's error the run gave in the end (0 for none).
 */
export const drivenBlock = async (
  program: Program,
  fails: readonly number[],
  next: (n: number) => number,
): Promise<readonly Seen[]> => {
  const c = await compiled(graphOf(program), 'ts', { optimize: false })
  const events: Seen[] = []
  const waiting: (() => void)[] = []
  const turn = (): Promise<void> => new Promise((go) => waiting.push(go))
  const driver: Driver = {
    kind: 'sql',
    effects: ['dbQuery'],
    assumptions: [],
    perform: async (call) => {
      const k = call.attrs.occurrence + 1
      events.push(['Asked', k])
      await turn()
      if (fails.includes(k)) {
        events.push(['Fail', k])
        return left(effectError(call, 'Refused', 'as the script says', ''))
      }
      if (program.kind[k - 1] !== 'claim') {
        events.push(['Act', k])
        await turn()
      }
      events.push(['Succeed', k])
      return right(program.kind[k - 1] === 'write' ? 1n : { n: 7n })
    },
    close: () => Promise.resolve(),
  }
  const kernels = await bindKernels(c)
  if (isLeft(kernels)) throw new Error(kernels.left.cause)
  const run = runOn(c, driver, kernels.right)
  let over = false
  const ended = c.program(support(run))({ i0: 1n })
  const answered = ended.then((a) => {
    over = true
    const wrong = isLeft(a) && 'occurrence' in a.left ? a.left.occurrence + 1 : 0
    if (isLeft(a) && wrong === 0) throw new Error(a.left.cause)
    events.push(['Answered', wrong])
  })
  while (!over) {
    if (waiting.length > 0) waiting.splice(next(waiting.length), 1)[0]!()
    await new Promise((done) => setImmediate(done))
  }
  await answered
  return events
}
