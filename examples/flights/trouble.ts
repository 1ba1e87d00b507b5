import type { CompileError, Either, RunError } from 'quoin'
import { describeError } from 'quoin'

/** Something the reader can mend, said in one message. */
export class Trouble extends Error {}
/** The reader pressed Ctrl+C. */
export class Interrupted extends Error {}

/** The value, or its error as a message. */
export const orTrouble = <T>(answer: Either<CompileError | RunError, T>): T => {
  if (answer._tag === 'Right') return answer.right
  if (answer.left._tag === 'Cancelled') throw new Interrupted()
  throw new Trouble(describeError(answer.left))
}
