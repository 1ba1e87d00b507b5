// Requirements: E18

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { print } from '../../graph/text.ts'
import { replayGraph } from '../../interpret.ts'
import type { Replayed } from '../../runtime/replay/playback.ts'
import { keepValue, keptError, keptText } from '../../runtime/replay/recording.ts'
import { replay } from '../../runtime/replay/replay.ts'
import { runIn } from '../arbitraries/world.ts'
import { cases, patience, say, seed, settings } from '../passes/law.ts'
import { compiled } from '../targets/compiled.ts'
import { interpreted, recorded } from './record.ts'

const runs = Math.ceil(cases / 2)

/** What is wrong with a replayed run; nothing when it is the recorded one to the last bit. */
const wrong = (r: Awaited<ReturnType<typeof replay>> | ReturnType<typeof replayGraph>): string | undefined => {
  if (isLeft(r)) return r.left.cause
  const { verdict, differences }: Replayed = r.right
  return verdict === 'same' ? undefined : `${verdict}: ${differences.join('; ')}`
}

test(`recorded, printed, read and replayed: the same bits or the same error, however it is built; ${runs} graphs (seed ${seed})`, {
  timeout: patience,
}, async () => {
  const met = { calls: 0, together: 0, unused: 0, shared: 0, errors: 0, values: 0 }
  await fc.assert(
    fc.asyncProperty(settings, fc.boolean(), async ({ it, world }, optimize) => {
      const { graph, inputs } = it
      const c = await compiled(graph, 'ts', { optimize })
      const { recording } = await recorded(c, graph, inputs, world)
      const check = (how: string, found: string | undefined): void => {
        if (found !== undefined) throw new Error(`${how}: ${found}\n${print(graph)}`)
      }
      const meant = runIn(graph, inputs, world).answer
      // The generator gives no sites, so that errors are told by their places alone.
      if (isLeft(meant)) {
        const { _tag, cause } = keptError(meant.left)
        expect(recording.outcome).toMatchObject({ err: { _tag, cause } })
      } else if ('ok' in recording.outcome)
        expect(keptText(recording.outcome.ok)).toBe(keptText(keepValue(graph.arena.typeOf(graph.root), meant.right)))
      else throw new Error(`recorded ${recording.outcome.err.cause}`)

      check('the same artefact', wrong(await replay(c, recording)))
      check('as written', wrong(replayGraph(graph, recording)))
      const other = await compiled(graph, 'ts', { optimize: !optimize })
      check('another build', wrong(await replay(other, recording)))
      const plain = await interpreted(graph, inputs, world)
      check('recorded by the interpreter', wrong(await replay(c, plain.recording)))

      met.calls += recording.calls.length
      met.together += recording.calls.filter((x) => x.together).length
      met.unused += recording.calls.filter((x) => x.unused).length
      met.shared += recording.calls.filter((x) => 'as' in x.answer).length
      met[isLeft(meant) ? 'errors' : 'values']++
    }),
    { numRuns: runs, seed, endOnFailure: process.env.QUOIN_SHRINK === undefined },
  )
  say(`replay: ${JSON.stringify(met)}`)
  // The law says nothing about runs that ask nothing.
  expect(Math.min(met.together, met.shared, met.errors, met.values)).toBeGreaterThan(runs / 50)
})
