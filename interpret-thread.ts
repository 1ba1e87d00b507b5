import type { Either } from './graph/either.ts'
import { isLeft, left } from './graph/either.ts'
import type { CompileError, RunError } from './graph/errors.ts'
import { bug } from './graph/errors.ts'
import { evaluate } from './graph/eval.ts'
import { decodeGraph } from './graph/json.ts'
import type { RecordValue, Value } from './graph/values.ts'
import { replayWithin } from './interpret.ts'
import { keeper } from './runtime/engine/bounds.ts'
import type { Interpreter } from './runtime/engine/run-thread.ts'
import { Halted } from './runtime/stopped.ts'

/** What a thread for runs imports when it is to interpret: compiled code needs none of it. */
export const interpreterOf = (document: unknown): Either<RunError | CompileError, Interpreter> => {
  const g = decodeGraph(document)
  if (isLeft(g)) return g
  return {
    _tag: 'Right',
    right: {
      run: (input, bounds) => {
        const keep = keeper(bounds)
        const { arena } = g.right
        try {
          const evaluation = evaluate(g.right, input as RecordValue as Readonly<Record<string, Value>>, (_, id, v) =>
            keep.see(arena.opOf(id).name, v),
          )
          const end = evaluation.next()
          if (end.done === true) return end.value
          return left(bug('', new Error('what asks the outside was interpreted in a thread')))
        } catch (e) {
          return left(e instanceof Halted ? e.why : bug('', e))
        }
      },
      replay: (recording, bounds) => replayWithin(g.right, recording, bounds),
    },
  }
}
