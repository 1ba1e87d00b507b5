import { expect, test } from 'vitest'
import { parse, readModules } from '../shape/rules/imports.ts'
import { entries, sources } from '../shape/sources.ts'
import { specs } from './registry.ts'

/**
 * A specification may be of a protocol that nothing carries out yet: `runtime: 'none'` with what whoever does so has to
 * know. As soon as a module that runs graphs knows it, the specification is to be held against that code.
 */
const runs = /^(?:runtime|codegen)\/|^(?:engine|engine-thread|interpret|interpret-thread|reproduce)\.ts$/
const knowing = (files: Readonly<Record<string, string>>, needs: readonly string[]): readonly string[] =>
  readModules(parse(Object.fromEntries(Object.entries(files).filter(([path]) => runs.test(path)))), entries).flatMap(
    ({ path, imports }) =>
      imports.some(({ target }) => 'file' in target && needs.some((n) => target.file.startsWith(n))) ? [path] : [],
  )
const alone = specs.flatMap((s) => (s.runtime === undefined ? [] : [{ name: s.name, ...s.runtime, spec: s }]))

test.each(alone)('$name: model only, and nothing that runs graphs knows what its runtime would have to', (s) => {
  expect(s.spec.conformance).toBeUndefined()
  expect(s.spec.traces).toBeUndefined()
  // What it would have to know is there, and known to others.
  for (const n of s.needs) expect(Object.keys(sources).some((f) => f.startsWith(n))).toBe(true)
  expect(knowing(sources, s.needs)).toEqual([])
})
test.each(alone)('$name: a runtime for it would be found', ({ needs }) => {
  const files = {
    'runtime/sites/run.ts': `import type { Topology } from '../../graph/topology.ts'\nexport type T = Topology`,
    'runtime/other.ts': `import { right } from '../graph/either.ts'\nexport const x = right(1)`,
    'engine.ts': `export { decodeTopology } from './passes/place/topology.ts'`,
    'compile.ts': `import { placement } from './passes/place/index.ts'\nexport const x = placement`,
  }
  expect(knowing(files, needs)).toEqual(['runtime/sites/run.ts', 'engine.ts'])
})
test('every other specification is walked in its runtime, and reads what that was seen to do', () => {
  for (const s of specs) if (s.runtime === undefined) expect([s.name, s.conformance, s.traces]).not.toContain(undefined)
})
