import { isLeft } from '../../../graph/either.ts'
import type { Limit } from '../limit.ts'
import { saving } from './ask.ts'
import type { Line } from './line.ts'
import type { Catalogue } from './statement.ts'
import { describe, run } from './statement.ts'

/** Whether texts are equal only when they are one text: with a collation that is not deterministic, `a = A` may hold. */
const question = 'select not exists (select from pg_catalog.pg_collation where not collisdeterministic)'

/** Asked of each database once; where it cannot tell, they are not. */
export const plainTexts = async (line: Line, bound: Limit, all: Catalogue): Promise<boolean> => {
  if (all.texts.plain !== undefined) return all.texts.plain
  let plain = false
  const end = await saving(line, bound, async () => {
    const statement = await describe(line, bound, all, question, [])
    if (isLeft(statement)) return statement
    const row = (b: Buffer, at: number): void => {
      plain = b[at + 6] === 1
    }
    return run(line, bound, all, statement.right, { values: [], most: 0, writes: false, row })
  })
  if (isLeft(end) && end.left !== 'stopped') all.texts.plain = false
  if (!isLeft(end)) all.texts.plain = plain
  return plain
}
