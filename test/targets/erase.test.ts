import { ts } from 'ts-morph'
import { describe, expect, test } from 'vitest'
import { withoutTypes } from '../../codegen/targets/module/erase.ts'
import { arrayGraph } from '../memory/shapes.ts'
import { compiled } from './compiled.ts'

/** What TypeScript's own compiler makes of a text, in the layout in which it prints everything. */
const plain = (text: string): string =>
  ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  }).outputText

describe('types are cut out as the compiler would', () => {
  test.each([
    'const f = async (q: Support, n = 3 as number): Promise<Answer<A>> => { let x: Map<string, number> = new Map<string, number>(); return x!.get(`${n as 1}`)! }',
    "import type { A } from 'b'\nexport type B = A & { readonly c: (x: number) => void }\ninterface C { d: E }\nexport const g = 1",
    'export function h<T extends string>(a?: T, { b, c }: { b: T; c: T } = {} as never): asserts a is T { for (let i = 0, e: number = 4; i < e; i++) call<T>((a as T[])[i]!) }',
    'const made = [1, 2] as const\nconst k = { v: 1 as unknown as string, async w(x: number): Promise<void> { await x } } satisfies object',
  ])('%s', (text) => {
    expect(plain(withoutTypes(ts, text))).toBe(plain(text))
    expect(withoutTypes(ts, text)).not.toContain(' as ')
  })
  test('in whole modules', async () => {
    for (const target of ['ts', 'wasm'] as const)
      for (let k = 0; k < 4; k++) {
        const { files } = await compiled(arrayGraph(7000 + k, 20, true), target)
        expect(plain(files['module.js'])).toBe(plain(files['module.ts']))
      }
  })
})
