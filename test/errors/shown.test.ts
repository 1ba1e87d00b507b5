// Requirements: E11

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { failedWith } from '../../cli/failure.ts'
import type { CompileError, Graph } from '../../index.ts'
import { compile, createEngine, fx, graph, t } from '../../index.ts'

/**
 * Every error of compiling says where in the graph, as text and as a picture. Most are mistakes of ours, so each is
 * brought about by a part that misbehaves; a file that makes such an error and is not here fails the last test.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
const simple = graph('simple', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`2 * ${x} + 1`, s: x.sum() }))
const sealed = (): Graph<'source'> => (simple.sealed._tag === 'Right' ? simple.sealed.right : (undefined as never))

afterEach(() => {
  vi.doUnmock('../../codegen/program/check.ts')
  vi.doUnmock('../../codegen/memory/check.ts')
  vi.doUnmock('../../codegen/kernels/index.ts')
  vi.doUnmock('../../codegen/targets/wasm/statements.ts')
  vi.doUnmock('../../runtime/module-text.ts')
  vi.doUnmock('../../passes/check/index.ts')
  vi.resetModules()
})
/** The modules afresh, with some parts of one replaced. */
const withBroken = async <T>(path: string, broken: object, then: () => Promise<T>): Promise<T> => {
  vi.resetModules()
  vi.doMock(path, async (original) => ({ ...(await original<object>()), ...broken }))
  return then()
}
const compiled = async (options: object = {}) => (await import('../../compile.ts')).compile(simple, options)
const error = (r: { readonly _tag: string; readonly left?: unknown }): CompileError => {
  expect(r._tag).toBe('Left')
  return r.left as CompileError
}
const fails = (): never => {
  throw new Error('broken')
}

/** How each file that makes such an error is brought to make it; the second is what its text has to name. */
const made: Readonly<Record<string, readonly [make: () => Promise<CompileError>, names: RegExp]>> = {
  'passes/manager.ts': [
    async () => {
      const wrong = { name: 'wrong', doc: '', from: 'source', to: 'source', run: fails } as never
      const r = await compile(simple, { extra: [wrong] })
      return r._tag === 'Right' ? r.right.optimised.failures[0]! : fails()
    },
    /%\d+ = kernel/,
  ],
  'passes/place/index.ts': [
    () =>
      withBroken('../../passes/check/index.ts', { judge: () => ({ obligation: 'o', detail: 'd' }) }, async () => {
        const { placement } = await import('../../passes/index.ts')
        const sites = ['a', 'b'].map((name) => ({ name, reaches: ['*'] }))
        const links = [
          { from: 'a', to: 'b', latencyMs: 1, bytesPerMs: 1 },
          { from: 'b', to: 'a', latencyMs: 1, bytesPerMs: 1 },
        ]
        return error(placement(sealed(), { sites, links, inputs: 'a', result: 'a' }))
      }),
    /%\d+ = input/,
  ],
  'codegen/artifact.ts': [
    () =>
      withBroken('../../codegen/program/check.ts', { programProblem: () => 'wrong' }, async () =>
        error(await compiled()),
      ),
    /%\d+ = kernel/,
  ],
  'codegen/program/lower.ts': [
    () =>
      withBroken(
        '../../codegen/kernels/index.ts',
        { lowerKernel: () => ({ _tag: 'Left', left: 'cannot be' }) },
        async () => error(await compiled()),
      ),
    /%\d+ = param/,
  ],
  'codegen/targets/wasm/index.ts': [
    () =>
      withBroken('../../codegen/targets/wasm/statements.ts', { statements: fails }, async () =>
        error(await compiled()),
      ),
    /%\d+ = kernel/,
  ],
  'compile.ts': [
    () => withBroken('../../runtime/module-text.ts', { moduleFunction: fails }, async () => error(await compiled())),
    /%\d+ = kernel/,
  ],
  'codegen/eject/index.ts': [
    () =>
      withBroken('../../codegen/program/check.ts', { programProblem: () => 'wrong' }, async () =>
        error(await (await import('../../cli/eject/index.ts')).ejected(sealed(), 'here')),
      ),
    /%\d+ = kernel/,
  ],
  'runtime/engine/compiler.ts': [() => unavailable({ compiler: { timeMs: 1, memoryMb: 1 } }), /%\d+ = input/],
  'runtime/engine/works.ts': [() => unavailable({ cache: { loadedBytes: 10 } }), /%\d+ = input/],
  // In its thread no graph is at hand: what it says is filled in where the one above is.
  'engine-thread.ts': [() => unavailable({ compiler: { timeMs: 1, memoryMb: 1 } }), /%\d+ = input/],
}
/** What an engine tells that cannot compile. */
const unavailable = async (options: object): Promise<CompileError> => {
  const told: CompileError[] = []
  const engine = createEngine({
    ...options,
    compile: 'eager',
    trace: (e) => void (e.event === 'unavailable' && told.push(e.error as CompileError)),
  })
  engine.submit(simple)
  await engine.settled()
  await engine.close()
  return told[0]!
}

test.each(Object.entries(made))('%s', { timeout: 60_000 }, async (_, [make, names]) => {
  const e = await make()
  if (e._tag === 'InvalidGraph') throw new Error(`another error: ${e.cause}`)
  expect(e.stage).toMatch(/^(optimise|generate|assemble|load)$/)
  expect(e.subgraph).toMatch(names)
  expect(e.picture).toMatch(/^flowchart TD\n {2}n\d+\["/)
  expect(e.remedy).not.toBe('')
  const said = failedWith(e, '').message
  if (e._tag !== 'ResourceExceeded') expect(said).toMatch(/\n {2}in:\n {4}graph "simple"/)
})
test('a memory plan that is refused', async () => {
  const r = await withBroken('../../codegen/memory/check.ts', { memoryProblem: () => 'wrong' }, () => compiled())
  const [failure] = r._tag === 'Right' ? r.right.optimised.failures : []
  expect(failure).toMatchObject({
    _tag: 'OptimizationFailed',
    pass: 'memory',
    picture: expect.stringMatching(/^flowchart TD/),
  })
  expect(failure!.subgraph).toContain('kernel')
})
test('a graph that is too large', async () => {
  const e = error(await compile(simple, { maxNodes: 3 }))
  expect(e).toMatchObject({ subgraph: expect.stringContaining('= input'), picture: expect.stringContaining('reduce') })
})

test('there are no other files that make them', () => {
  const sources = (of: string): readonly string[] =>
    readdirSync(join(root, of), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.ts'))
      .map((f) => join(of, f))
  const all = [
    ...['graph', 'passes', 'codegen', 'runtime', 'cli', 'verify'].flatMap(sources),
    'compile.ts',
    'engine.ts',
    'engine-thread.ts',
    'interpret.ts',
    'reproduce.ts',
  ]
  const making = all.filter((f) => {
    const text = readFileSync(join(root, f), 'utf8')
    return f !== 'graph/errors.ts' && /_tag: '(OptimizationFailed|CodegenFailed|BackendCompileError)',\n/.test(text)
  })
  expect(making.sort()).toEqual(
    Object.keys(made)
      .filter((f) => f !== 'runtime/engine/works.ts')
      .sort(),
  )
})
