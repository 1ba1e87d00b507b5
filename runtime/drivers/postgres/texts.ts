import { isLeft, right } from '../../../graph/either.ts'
import type { Limit } from '../limit.ts'
import { saving, told } from './ask.ts'
import type { Line } from './line.ts'
import type { Outcome } from './session.ts'
import type { Catalogue } from './statement.ts'
import { describe, run } from './statement.ts'

/** Whether texts are equal only when they are one text: with a collation that is not deterministic, `a = A` may hold. */
const question = 'select not exists (select from pg_catalog.pg_collation where not collisdeterministic)'

/** Asked of each database once; where it cannot tell, they are not. */
export const plainTexts = async (line: Line, bound: Limit, all: Catalogue): Promise<Outcome<boolean>> => {
  if (all.texts.plain !== undefined) return right(all.texts.plain)
  let plain = false
  const end = await saving(line, bound, async () => {
    const statement = await describe(line, bound, all, question, [])
    if (isLeft(statement)) return statement
    const row = (b: Buffer, at: number): void => {
      plain = b[at + 6] === 1
    }
    const ran = await run(line, bound, all, statement.right, { values: [], most: 0, writes: false, row })
    return isLeft(ran) ? ran : right(plain)
  })
  const found = told(end, false)
  if (!isLeft(found)) all.texts.plain = found.right
  return found
}
