import type { Answer, Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import type { Context } from '../../driver.ts'
import { failed, notMine } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { badCell, tooLargePart } from '../sql/tell.ts'
import { noting } from '../sql-comment.ts'
import { collector } from './collect.ts'
import type { DuckChunk, DuckResult } from './engine.ts'
import { begin, chunksOf, discard } from './query.ts'
import type { Outcome, Session } from './session.ts'

/** The engine computes a little ahead and then waits, so what is in memory is one part and a chunk of the engine's. */
export const performInParts = async (
  sessions: Session,
  call: Call,
  most: number,
  given: Context,
  take: (rows: Value) => Promise<boolean>,
): Promise<Answer> => {
  if (call.effect !== 'dbQuery') return notMine(call, 'duckdb')
  const { context, run } = noting(given)
  let open: { readonly result: DuckResult; readonly chunks: ReturnType<typeof chunksOf> } | undefined
  try {
    const end = await sessions.hold(
      context.signal,
      async (use): Promise<Answer> => {
        const begun = await use(context.signal, false, (lease, bound) => begin(call, lease, bound, context))
        if (isLeft(begun)) return failed(call, begun.left, run())
        const { result } = begun.right
        open = { result, chunks: chunksOf(result) }
        const parts = new Parts(result, open.chunks, call.attrs.row as RecordType, most, call.attrs.maxBytes)
        for (let n = 0; ; n++) {
          const part = await use(context.signal, false, (_, bound) => parts.next(bound))
          if (isLeft(part)) return failed(call, part.left, run())
          if ((part.right.length === 0 && n > 0) || !(await take(part.right))) return right(null)
        }
      },
      async (lease) => {
        if (open === undefined) return
        lease.connection.interrupt()
        await open.chunks.return().catch(() => undefined)
        await discard(open.result, lease)
      },
    )
    return isLeft(end) ? failed(call, end.left, run()) : end.right
  } catch (e) {
    return left(bug(call.attrs.name, e))
  }
}

/** Cuts the chunks of the engine, which are as large as it likes, into parts of the size that is wanted. */
class Parts {
  readonly #result: DuckResult
  readonly #chunks: ReturnType<typeof chunksOf>
  readonly #row: RecordType
  readonly #most: number
  readonly #maxBytes: number
  #rest: { readonly chunk: DuckChunk; readonly from: number } | undefined
  #before = 0

  constructor(result: DuckResult, chunks: ReturnType<typeof chunksOf>, row: RecordType, most: number, bytes: number) {
    this.#result = result
    this.#chunks = chunks
    this.#row = row
    this.#most = most
    this.#maxBytes = bytes
  }

  /** The next part; one without rows is the end. */
  async next(bound: Pick<Limit, 'signal'>): Promise<Outcome<ListValue>> {
    const columns = collector(this.#result, this.#row)
    if (isLeft(columns)) return columns
    const { add, bad, bytes, finish } = columns.right
    let rows = 0
    while (rows < this.#most) {
      const at = this.#rest ?? (await this.#fetch())
      // An engine that was interrupted has no more rows to say, whether there are any or not.
      if (bound.signal.aborted) return left('stopped')
      if (at === undefined) break
      const n = Math.min(this.#most - rows, at.chunk.rowCount - at.from)
      add(at.chunk, at.from, n)
      rows += n
      const refused = bad()
      if (refused !== undefined) return left(badCell({ ...refused, row: this.#before + refused.row }))
      if (bytes() > this.#maxBytes) return left(tooLargePart(this.#maxBytes))
      this.#rest = at.from + n < at.chunk.rowCount ? { chunk: at.chunk, from: at.from + n } : undefined
    }
    this.#before += rows
    return right(finish())
  }
  async #fetch(): Promise<{ readonly chunk: DuckChunk; readonly from: number } | undefined> {
    const next = await this.#chunks.next()
    return next.done === true ? undefined : { chunk: next.value, from: 0 }
  }
}
