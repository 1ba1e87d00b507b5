import { describe, expect, test } from 'vitest'
import type { CompileOptions } from '../../compile.ts'
import { compile, replayGraph } from '../../index.ts'
import type { Recording } from '../../runtime/index.ts'
import { replay, world } from '../../runtime/index.ts'
import { authors, modelled, orThrow } from '../batching/authors.ts'

const names = ['author', 'profile', 'post', 'comments'] as const
const ways: Readonly<Record<string, CompileOptions>> = {
  'one by one': { target: 'ts', optimize: false },
  'level by level': { target: 'ts' },
  'in one exchange': { target: 'ts', collapse: ['blog'] },
}

describe('1201 calls, however they went out,', () => {
  test.each(Object.entries(ways))('%s, are replayed in every other way', async (_, options) => {
    const w = world(orThrow(await compile(authors, options)))
    for (const name of names)
      w.answerBy(name, (args) => modelled({ effect: 'dbQuery', attrs: { name }, args } as never))
    let recording: Recording | undefined
    let stopped: Recording | undefined
    orThrow(
      await w.run(
        { tenant: 1n },
        {
          record: (r) => {
            recording = JSON.parse(JSON.stringify(r)) as Recording
          },
        },
      ),
    )
    const own = recording!.calls.filter((c) => c.unused !== true)
    expect(own).toHaveLength(1201)
    expect(new Set(own.map((c) => `${c.occurrence} ${c.iteration.join('.')}`)).size).toBe(1201)
    for (const other of Object.values(ways))
      expect(orThrow(await replay(orThrow(await compile(authors, other)), recording))).toMatchObject({
        verdict: 'same',
        calls: { recorded: 1201, answered: 1201 },
      })
    expect(orThrow(replayGraph(authors, recording))).toMatchObject({ verdict: 'same' })

    // And the same where one of the innermost fails.
    w.answerBy('comments', ([id]) => (id === 5010n ? { fail: 'Conflict' } : { n: 1n }) as never)
    const answer = await w.run(
      { tenant: 1n },
      {
        record: (r) => {
          stopped = JSON.parse(JSON.stringify(r)) as Recording
        },
      },
    )
    expect(answer).toMatchObject({ left: { _tag: 'Conflict' } })
    for (const other of Object.values(ways))
      expect(orThrow(await replay(orThrow(await compile(authors, other)), stopped))).toMatchObject({ verdict: 'same' })
    expect(orThrow(replayGraph(authors, stopped))).toMatchObject({ verdict: 'same' })
  })
})
