// Requirements: E6

import fc from 'fast-check'
import { Project } from 'ts-morph'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { digest, print } from '../../graph/text.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { worlds } from '../arbitraries/world.ts'
import kinds from '../cli/fixtures/kinds.ts'
import loans from '../cli/fixtures/loans.ts'
import { disagreement, ejectedText } from './stand.ts'

const cases = Number(process.env.QUOIN_CASES ?? 15)
const seed = Number(process.env.QUOIN_SEED ?? 20261122)

describe('an ejected module', () => {
  test(`${cases} graphs do by themselves what the interpreter does (seed ${seed})`, { timeout: 600_000 }, async () => {
    const property = fc.asyncProperty(graphs(), worlds, async (c, world) => {
      const found = await disagreement(c.graph, c.inputs, world)
      if (found !== undefined) throw new Error(`${found}\n${print(c.graph)}`)
    })
    await fc.assert(property, { numRuns: cases, seed, endOnFailure: process.env.QUOIN_SHRINK === undefined })
    expect(cases).toBeGreaterThan(0)
  })

  test('passes the strictest checks of TypeScript, imports nothing, and says where it is from', {
    timeout: 120_000,
  }, async () => {
    const project = new Project({
      skipAddingFilesFromTsConfig: true,
      compilerOptions: {
        target: 11,
        lib: ['lib.es2023.d.ts'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        noFallthroughCasesInSwitch: true,
        erasableSyntaxOnly: true,
        isolatedModules: true,
        noEmit: true,
      },
    })
    const built = [kinds, loans].map((b) => {
      if (isLeft(b.sealed)) throw new Error(b.sealed.left.cause)
      return b.sealed.right as Graph<'source'>
    })
    const drawn = fc.sample(graphs(), { numRuns: 4, seed }).map((c) => c.graph)
    for (const [i, g] of [...built, ...drawn].entries()) {
      const { text } = await ejectedText(g)
      expect(text).not.toMatch(/^import /m)
      expect(text.slice(0, 300)).toContain(`from a test with digest ${digest(g)}`)
      project.createSourceFile(`/ejected/m${i}.ts`, text)
    }
    const said = project.getSourceFiles().flatMap((f) =>
      f.getPreEmitDiagnostics().map((d) => {
        const message = d.getMessageText()
        return `${f.getBaseName()}:${d.getLineNumber()}: ${typeof message === 'string' ? message : message.getMessageText()}`
      }),
    )
    expect(said).toEqual([])
    // The interface is what holds whoever implements it.
    const user = (income: string) => `import { loans } from './m1.ts'
export const run = () => loans({ shock: 0 }, {
  loan: async () => ({ _tag: 'Right', right: [] }),
  customer: async ([id]) => ({ _tag: 'Right', right: { income: ${income}, defaults: Number(id) } }),
})`
    const checked = (name: string, income: string): number =>
      project.createSourceFile(`/ejected/${name}.ts`, user(income)).getPreEmitDiagnostics().length
    project.compilerOptions.set({ allowImportingTsExtensions: true, module: 99, moduleResolution: 100 })
    expect([checked('right', '1'), checked('wrong', "'1'")]).toEqual([0, 1])
  })
})
