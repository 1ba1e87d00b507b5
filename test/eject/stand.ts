import { stripTypeScriptTypes } from 'node:module'
import { ejected } from '../../cli/eject/index.ts'
import { Names } from '../../codegen/eject/names.ts'
import { asked } from '../../codegen/eject/outside.ts'
import { lower } from '../../codegen/program/lower.ts'
import { fromValue, toValue } from '../../graph/build/host.ts'
import type { Answer, Call } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import type { Evaluation, Inputs } from '../../graph/eval.ts'
import { evaluate, runPure } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Isolation } from '../../graph/transaction.ts'
import type { Type } from '../../graph/types.ts'
import { record } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { optimise } from '../../passes/index.ts'
import { answerType } from '../../runtime/answer.ts'
import type { World, WorldOptions } from '../arbitraries/world.ts'
import { difference, modelWorld } from '../arbitraries/world.ts'

export const ejectedText = async (g: Graph<'source'>): Promise<{ readonly text: string; readonly name: string }> => {
  const r = await ejected(g, 'a test')
  if (isLeft(r)) throw new Error(describeError(r.left))
  return r.right
}
type Run = (input: unknown, outside: unknown) => Either<never, unknown> | Promise<Either<never, unknown>>
export const loaded = async (text: string, name: string): Promise<Run> => {
  const js = stripTypeScriptTypes(text)
  const module = (await import(`data:text/javascript;base64,${Buffer.from(js).toString('base64')}`)) as Record<
    string,
    Run
  >
  return module[name]!
}

/** What is left of a value on its way to JavaScript and back: a none inside an option is a none, and there is one NaN. */
const seen = (t: Type, v: Value): Value => {
  const back = toValue(t, fromValue(t, v))
  if (isLeft(back)) throw new Error(`a value that its own type refuses: ${JSON.stringify(back.left)}`)
  return back.right
}
const seenBy = (world: Pick<World, 'answer'>, call: Call): Answer => {
  const type = answerType(call)
  const answer = world.answer({ ...call, args: call.args.map((a, i) => seen(call.argTypes[i]!, a)) } as Call)
  return isLeft(answer) ? answer : right(seen(type, answer.right))
}

/** What an ejected module does otherwise than the interpreter, in a world that both see as JavaScript does. */
export const disagreement = async (
  g: Graph<'source'>,
  raw: Inputs,
  options: WorldOptions,
): Promise<string | undefined> => {
  const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, seen(t, raw[n]!)]))
  const output = g.arena.typeOf(g.root)
  const { text, name } = await ejectedText(g)
  const run = await loaded(text, name)
  const low = lower(optimise(g, { off: ['batch'] }).graph)
  if (isLeft(low)) throw new Error(low.left.cause)
  const { program } = low.right
  const questions = asked({ ...low.right, arena: g.arena, site: (o) => siteOf(g, o) }, new Names())
  const answers = new Map(questions.map((q) => [q.occurrence, program.types[q.step.type]!]))

  const reference = modelWorld(options)
  const expected = runPure(evaluate(g, inputs) as Evaluation, (call) => seenBy(reference, call), reference.boundary)

  const world = modelWorld(options)
  const outsideOf = (place: Pick<World, 'answer'>): Record<string, unknown> => ({
    ...Object.fromEntries(
      questions.map((q) => {
        const attrs = declOf(q.effect as OpName).attrs.decode(q.step.attrs)
        if (isLeft(attrs)) throw new Error('attributes that were encoded are decoded')
        const types = q.step.argTypes.map((t) => program.types[t]!)
        const type = answers.get(q.occurrence)!
        const perform = async (args: readonly unknown[], at: readonly number[]) => {
          const values = args.map((a, i) => {
            const v = toValue(types[i]!, a)
            if (isLeft(v)) throw new Error(JSON.stringify(v.left))
            return v.right
          })
          const call = { effect: q.effect, attrs: attrs.right, args: values, argTypes: types, iteration: at } as never
          const answer = place.answer(call)
          return isLeft(answer) ? answer : right(fromValue(type, answer.right))
        }
        return [q.name, perform] as const
      }),
    ),
    transaction: async (
      t: { occurrence: number; at: readonly number[]; db: string; isolation: Isolation; attempt: number },
      body: (outside: unknown) => Promise<boolean>,
    ) => {
      const attrs = { occurrence: t.occurrence, db: t.db, isolation: t.isolation, retries: 0, authority: false }
      const inside = world.begin({ attrs, authority: undefined, iteration: t.at, attempt: t.attempt })
      const both = {
        answer: (call: Call) => (call.effect === 'dbQuery' && call.attrs.db === t.db ? inside : world).answer(call),
      }
      const commits = await body(outsideOf(both))
      if (commits) return inside.end(undefined)
      inside.end({} as never)
      return left({ _tag: 'Unknown', cause: 'rolled back' })
    },
  })
  const given = fromValue(record(g.inputs), inputs)
  const told = await run(given, outsideOf(world))
  const got: Answer = isLeft(told) ? told : (toValue(output, told.right) as Answer)
  const same = isLeft(expected) ? expected : right(seen(output, expected.right))
  const of = (answer: Answer, w: World) => ({ answer, state: w.state(), journal: w.journal(), asked: w.asked() })
  return difference(of(same, reference), of(got, world))
}
