import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Leaving, Move, State } from './states.ts'

export type { State } from './states.ts'

/**
 * What becomes of a *build*: one version of a graph for one tier. Every move there is, by the name that the
 * specification (`specs-tla/Lifecycle.tla`) and the events of the engine give it; what is not here is not possible.
 */
export const table = {
  GraphReceived: {
    /** The passes begin. */
    Optimize: 'Optimizing',
    /** Its code is in the cache already. */
    Recall: 'Compiling',
    /** The interpreter needs no code. */
    Interpret: 'Ready',
    /** Another build waited for the same code, and it cannot be had. */
    Fail: 'Failed',
    Forget: 'Evicted',
  },
  Optimizing: { Generate: 'Generating', Fail: 'Failed', Forget: 'Evicted' },
  Generating: { Compile: 'Compiling', Fail: 'Failed', Forget: 'Evicted' },
  /** The code is there; it waits for room and is handed to the engines that run it. */
  Compiling: { Install: 'Ready', Fail: 'Failed', Forget: 'Evicted' },
  /** Condemn: found wrong by a comparison, behind its last run or in another handle. */
  Ready: { Begin: 'Executing', Evict: 'Evicted', Condemn: 'Failed' },
  Executing: {
    Join: 'Executing',
    Leave: 'Executing',
    /** The last run has ended. */
    Rest: 'Ready',
    /** Chosen to go: it ends its runs and is handed out no more. */
    Doom: 'Executing',
    /** Found wrong, by a run in it: likewise. */
    Condemn: 'Executing',
    /** The last run of one that was chosen to go has ended. */
    Release: 'Evicted',
    /** The last run of one that was found wrong has ended. */
    Discard: 'Failed',
  },
  Failed: { Retry: 'GraphReceived', Forget: 'Evicted' },
  Evicted: { Restore: 'GraphReceived' },
} as const satisfies Readonly<Record<State, Readonly<Partial<Record<Move | 'Interpret', State>>>>>

type Table = typeof table
export type Action = { [S in State]: keyof Table[S] }[State]
/** The actions that are possible in a state, and where each leads. */
export type ActionIn<S extends State> = keyof Table[S] & Action
export type After<S extends State, A extends ActionIn<S>> = Table[S][A] extends State ? Table[S][A] : never

/** A build in a state: how many runs it has, and whether it will leave when they have ended. */
export interface Phase<S extends State = State> {
  readonly state: S
  readonly running: number
  readonly leaving: Leaving
}
export const received: Phase<'GraphReceived'> = { state: 'GraphReceived', running: 0, leaving: 'no' }

/** What an action needs besides its state: the last run leaves by another name than the others. */
const guards: Partial<Record<Action, (p: Phase) => boolean>> = {
  Join: (p) => p.leaving === 'no',
  Leave: (p) => p.running > 1,
  Rest: (p) => p.running === 1 && p.leaving === 'no',
  Doom: (p) => p.leaving === 'no',
  Condemn: (p) => p.leaving !== 'discard',
  Release: (p) => p.running === 1 && p.leaving === 'evict',
  Discard: (p) => p.running === 1 && p.leaving === 'discard',
}
const runs: Partial<Record<Action, 1 | -1>> = { Begin: 1, Join: 1, Leave: -1, Rest: -1, Release: -1, Discard: -1 }
const leaves: Partial<Record<Action, Phase['leaving']>> = { Doom: 'evict', Condemn: 'discard' }

/** A move whose state is known to the type checker: others do not compile. */
export const move = <S extends State, A extends ActionIn<S>>(
  from: Phase<S>,
  action: A,
): Either<RunError, Phase<After<S, A>>> => moved(from, action) as Either<RunError, Phase<After<S, A>>>

/** A move whose state only the run knows: one that is not in the table is Quoin's own mistake, and a value. */
export const moved = (from: Phase, action: Action): Either<RunError, Phase> => {
  const to = (table[from.state] as Partial<Record<Action, State>>)[action]
  if (to === undefined || guards[action]?.(from) === false)
    return left(
      bug(
        '',
        new Error(`${action} is not possible in ${from.state} (${from.running} running, leaving: ${from.leaving})`),
      ),
    )
  const running = from.running + (runs[action] ?? 0)
  const leaving = to === 'Executing' ? (leaves[action] ?? from.leaving) : 'no'
  return right({ state: to, running, leaving })
}

/** Every edge of the table. */
export const edges: readonly (readonly [from: State, action: Action, to: State])[] = Object.entries(table).flatMap(
  ([from, actions]) =>
    Object.entries(actions).map(([action, to]) => [from as State, action as Action, to as State] as const),
)
