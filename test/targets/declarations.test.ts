// Requirements: E6

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Project, ts } from 'ts-morph'
import { beforeAll, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import type { Built } from '../../graph/index.ts'
import { describeError, graph, t } from '../../graph/index.ts'
import kinds from '../cli/fixtures/kinds.ts'
import loans from '../cli/fixtures/loans.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = join(root, 'test/cli/fixtures')

/** What TypeScript says about a file beside the generated modules, as `line: message`; nothing is written to disk. */
let said: (text: string) => readonly string[]
beforeAll(async () => {
  const project = new Project({
    tsConfigFilePath: join(root, 'tsconfig.json'),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
  })
  const text = async (g: Built): Promise<string> => {
    const c = await compile(g, { target: 'ts' })
    if (c._tag === 'Left') throw new Error(describeError(c.left))
    return c.right.files['module.ts']
  }
  const modules = { kinds, loans, none: graph('none', {}, () => ({ one: 1 })), x: graph('x', { x: t.f64 }, (i) => i) }
  const files = Object.entries(modules).map(
    async ([name, g]) => [`${name}.quoin/module.ts`, await text(g as Built)] as const,
  )
  const made = await Promise.all(files)
  for (const [name, code] of made)
    project.createSourceFile(join(fixtures, name), code.replace('// @ts-nocheck', '// checked here'))
  said = (code) => {
    const file = project.createSourceFile(join(fixtures, 'user.ts'), code, { overwrite: true })
    const all = [file, ...made.map(([name]) => project.getSourceFileOrThrow(join(fixtures, name)))]
    return all
      .flatMap((f) => f.getPreEmitDiagnostics())
      .map((d) => {
        const message = d.getMessageText()
        return `${d.getLineNumber()}: ${typeof message === 'string' ? message : message.getMessageText()}`
      })
  }
}, 60_000)

const alike = `
type Alike<A, B> = [A] extends [B] ? ([B] extends [A] ? true : 'the second is less') : 'the first is less'
const alike = <A, B>(_: Alike<A, B>): void => {}
`

test('generated modules pass the strictest check, and declare the very types of the graph they come from', () => {
  expect(
    said(`${alike}
import type { Input, Output } from './kinds.quoin/module.ts'
import type kinds from './kinds.ts'
alike<Input, NonNullable<(typeof kinds)[' input']>>(true)
alike<Output, NonNullable<(typeof kinds)[' output']>>(true)
`),
  ).toEqual([])
}, 60_000)

const head = `import { failing, load, world } from 'quoin/runtime'
import artifact from './loans.quoin/module.ts'
import none from './none.quoin/module.ts'
void [failing, load, world, artifact, none]
`
test.each<[string, string, readonly string[]]>([
  [
    'good answers',
    `world(artifact).answer('loan', [{ id: 1n, customer: 7, amount: 100 }]).answer('loan', failing('Timeout'))
  .answer('loan', { columns: { id: [1n], customer: [7], amount: new Float64Array(1) } })
  .answerBy('customer', ([id]) => (id === 7n ? { income: 50, defaults: 1 } : null))
  .run({ shock: 1 }).then((r) => r._tag === 'Right' && r.right.pd.subarray(1) && r.right.total.toFixed())`,
    [],
  ],
  [
    'a name that no query has',
    `world(artifact).answer('lone', [])`,
    [`5: Argument of type '"lone"' is not assignable to parameter of type '"loan" | "customer"'.`],
  ],
  [
    'a graph without queries',
    `world(none).answer('loan', [])`,
    [`5: Argument of type '"loan"' is not assignable to parameter of type 'never'.`],
  ],
  [
    'a row of another type',
    `world(artifact).answer('loan', [{ id: 1n, customer: 7n, amount: '100' }])`,
    [`5: Type 'string' is not assignable to type 'number'.`],
  ],
  [
    'a parameter taken for another type',
    `world(artifact).answerBy('customer', ([id]) => ({ income: id, defaults: 1 }))`,
    [`5: Type 'bigint' is not assignable to type 'number'.`],
  ],
  [
    'an input of another type',
    `world(artifact).run({ shock: '1' })`,
    [`5: Type 'string' is not assignable to type 'number'.`],
  ],
  [
    'an artefact loads as before',
    `load(artifact, {}).then((l) => l._tag === 'Right' && void l.right.run({ shock: 1 }))`,
    [],
  ],
])('%s', (_, code, problems) => expect(said(`${head}${code}\n`)).toEqual(problems), 60_000)
