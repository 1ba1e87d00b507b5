import type { Answer } from '../../../graph/effects.ts'
import { isLeft, right } from '../../../graph/either.ts'
import type { BatchPlan, Context, Driver } from '../../driver.ts'
import type { Tree } from '../../tree.ts'
import { followTree } from '../../tree.ts'
import { failed } from '../failure.ts'
import type { Limit } from '../limit.ts'
import type { Query } from '../sql/query.ts'
import { command, saving } from './ask.ts'
import type { Catalogues } from './authority.ts'
import { batched } from './batch.ts'
import type { Exchange } from './exchange.ts'
import { begin, inOneExchange } from './exchange.ts'
import type { Line } from './line.ts'
import { batchable, toolsOf } from './perform.ts'
import type { Tools } from './query.ts'
import { single } from './query.ts'
import type { Outcome, Seat } from './session.ts'

/**
 * Dependent queries as of one moment: on one connection, inside one read-only transaction of one snapshot. Where their
 * keys can be found by the server they travel together, and the client waits once; else level by level.
 */
export const performTree = async (
  seat: Seat,
  catalogues: Catalogues,
  tree: Tree,
  context: Context,
): ReturnType<NonNullable<Driver['performTree']>> => {
  const catalogue = await catalogues.of(tree.calls[0]!)
  // Each call is then asked by itself, and says why it may not.
  if (isLeft(catalogue)) return { found: undefined, roundTrips: 0, statements: 0 }
  const tools = toolsOf(catalogue.right, context)
  let done = { roundTrips: 1, statements: 0 }
  const end = await seat.use(context.signal, { writes: false, alone: true }, (line, bound) =>
    saving(line, bound, async (): Promise<Outcome<Exchange['found']>> => {
      const together = await inOneExchange(line, bound, tree, tools)
      if (isLeft(together)) return together
      if (together.right !== undefined) {
        done = { roundTrips: together.right.roundTrips, statements: together.right.statements }
        return right(together.right.found)
      }
      const levels = await byLevel(line, bound, tree, tools)
      if (isLeft(levels)) return levels
      done = { roundTrips: levels.right.roundTrips, statements: levels.right.statements }
      return right(levels.right.found)
    }),
  )
  return { found: isLeft(end) ? undefined : end.right, ...done }
}

const byLevel = async (line: Line, bound: Limit, tree: Tree, tools: Tools): Promise<Outcome<Exchange>> => {
  const own = line.status === 'I'
  if (own) {
    const begun = await command(line, bound, begin)
    if (isLeft(begun)) return begun
  }
  let statements = 0
  let trouble: Outcome<never> | undefined
  const ask = async (calls: readonly Query[], plan: BatchPlan): Promise<readonly Answer[]> => {
    const together =
      calls.length > 1 && batchable(calls, plan)
        ? await saving(line, bound, () => batched({ calls, plan }, line, bound, tools))
        : undefined
    if (together !== undefined) statements++
    if (together !== undefined && isLeft(together) && line.status !== 'T') return giveUp(together)
    const answers: Answer[] = []
    for (const [i, call] of calls.entries()) {
      const known = together === undefined || isLeft(together) ? undefined : together.right[i]
      if (known !== undefined && !isLeft(known)) answers.push(known)
      else if (known !== undefined && known.left !== 'alone') answers.push(failed(call, known.left))
      else {
        statements++
        const one = await single(call, line, bound, tools)
        if (isLeft(one)) return giveUp(one)
        answers.push(one)
      }
    }
    return answers
  }
  const giveUp = (why: Outcome<never>): never => {
    trouble = why
    throw gaveUp
  }
  try {
    const found = await followTree(tree, ask)
    return right({ found, roundTrips: statements, statements })
  } catch (e) {
    if (e === gaveUp && trouble !== undefined) return trouble
    throw e
  } finally {
    if (own && !line.broken) await command(line, { ...bound, signal: AbortSignal.timeout(2000) }, 'rollback')
  }
}
/** A statement that fails ends its transaction: the calls are then asked level by level, where errors are of their own. */
const gaveUp = new Error('a statement of the exchange failed')
