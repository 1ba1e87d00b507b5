import type { Answer, Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import type { Context } from '../../driver.ts'
import { failed, notMine } from '../failure.ts'
import type { Limit } from '../limit.ts'
import type { Query } from '../sql/query.ts'
import { badCell, tooLargePart } from '../sql/tell.ts'
import { noting } from '../sql-comment.ts'
import { ask, command } from './ask.ts'
import type { Catalogues } from './authority.ts'
import { classifyError } from './classify.ts'
import { collector } from './columns.ts'
import type { Line } from './line.ts'
import { toolsOf } from './perform.ts'
import type { Tools } from './query.ts'
import { read, readySingle } from './query.ts'
import type { Outcome, Session } from './session.ts'
import type { Statement } from './statement.ts'
import { isStale, run } from './statement.ts'
import { rollback } from './transaction.ts'

/**
 * A portal answers as many rows as it is asked for and then waits, so nothing queues up in the server or the socket. It
 * lives as long as its transaction, which is the owner's where a client is in one, and else one of ours that only reads.
 */
export const performInParts = async (
  session: Session,
  catalogues: Catalogues,
  call: Call,
  most: number,
  given: Context,
  take: (rows: Value) => Promise<boolean>,
): Promise<Answer> => {
  if (call.effect !== 'dbQuery') return notMine(call, 'postgres')
  const { context, run: sent } = noting(given)
  try {
    const catalogue = await catalogues.of(call)
    if (isLeft(catalogue)) return failed(call, catalogue.left)
    const tools = toolsOf(catalogue.right, context)
    const end = await session.hold(context.signal, async (line, seat): Promise<Answer> => {
      const own = line.status === 'I'
      const asked = <T>(job: (bound: Limit) => Promise<Outcome<T>>) =>
        seat.use(context.signal, { writes: false, alone: true }, (_, bound) => job(bound))
      const begun = () => asked((bound) => begin(call, most, line, bound, tools))
      try {
        let part = await begun()
        if (isLeft(part) && own && isStale(part.left.original)) {
          await rollback(line)
          part = await begun()
        }
        for (;;) {
          if (isLeft(part)) return failed(call, part.left, sent())
          const { rows, next }: Part = part.right
          if (!(await take(rows)) || next === undefined) return right(null)
          part = await asked(next)
          if (!isLeft(part) && part.right.rows.length === 0) return right(null)
        }
      } finally {
        if (own) await rollback(line)
      }
    })
    return isLeft(end) ? failed(call, end.left, sent()) : end.right
  } catch (e) {
    return left(bug(call.attrs.name, e))
  }
}

interface Part {
  readonly rows: ListValue
  /** Reads on, where there may be more. */
  readonly next?: (bound: Limit) => Promise<Outcome<Part>>
}

const begin = async (call: Query, most: number, line: Line, bound: Limit, tools: Tools): Promise<Outcome<Part>> => {
  const ready = await readySingle(call, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values } = ready.right
  // Sent with the query; what a `with` in it may want to change is refused by it.
  const begun = line.status === 'I' ? command(line, bound, 'begin read only') : undefined
  const asked = partOf(call, most, 0, line, statement, (r) =>
    run(line, bound, tools.catalogue, statement, { values, ...r }),
  )
  await begun
  return asked
}

/** One part, and how the one after it is asked for: the portal without a name is still where it was. */
const partOf = async (
  call: Query,
  most: number,
  before: number,
  line: Line,
  statement: Statement,
  start: Parameters<typeof read<{ readonly tag: string }>>[2],
): Promise<Outcome<Part>> => {
  const { maxBytes, row } = call.attrs
  const columns = collector(statement.fields, row as RecordType)
  if (isLeft(columns)) return columns
  const { add, bad, bytes, rows, finish } = columns.right
  const reading = {
    most,
    maxBytes,
    add: (b: Buffer, at: number) => {
      add(b, at)
      const refused = bad()
      if (refused !== undefined) return badCell({ ...refused, row: before + refused.row })
      return bytes() > maxBytes ? tooLargePart(maxBytes) : undefined
    },
  }
  const end = await read(line, reading, start)
  if (isLeft(end)) return end
  const part = { rows: finish() }
  // A portal that has more to say ends without telling how many rows there were.
  if (end.right.tag !== '') return right(part)
  const next = (bound: Limit): Promise<Outcome<Part>> =>
    partOf(call, most, before + rows(), line, statement, ({ most: n, writes, ...request }) =>
      again(line, bound, n, writes, request),
    )
  return right({ ...part, next })
}

const again = async (
  line: Line,
  bound: Limit,
  most: number,
  writes: boolean,
  request: Omit<Parameters<typeof ask>[3], 'write'>,
): Promise<Outcome<{ readonly tag: string }>> => {
  const reply = await ask(line, bound, writes, { ...request, write: (to) => to.execute(most) })
  if (isLeft(reply) || reply.right.error === undefined) return reply
  return left(classifyError(reply.right.error))
}
