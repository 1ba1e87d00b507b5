// Requirements: E3 E4

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft, left } from '../../graph/either.ts'
import { print } from '../../graph/text.ts'
import { optimise, pipeline, runPass, trustedLines } from '../../passes/index.ts'
import { cases, coverage, holds, patience, pipelineViolation, say, seed, settings, violation } from './law.ts'

describe(`optimised means the same, ${cases} graphs each, seed ${seed}`, { timeout: patience * 2 }, () => {
  test.each(pipeline)('$name', (pass) => holds((s) => violation(pass, s)))
  test('the whole pipeline, which asks no more queries', () => holds(pipelineViolation))
  const share = Math.ceil(cases / 3)
  test.each(pipeline)('the pipeline without $name', (pass) =>
    holds((s) => pipelineViolation(s, { off: [pass.name] }), share),
  )
  test('the pipeline switched off', () => holds((s) => pipelineViolation(s, { optimize: false }), share))
  test('the pipeline without any passes one likes', () =>
    holds((s) => {
      const off = pipeline.filter((_, i) => ((s.world.seed >> i) & 1) === 1).map((p) => p.name)
      return pipelineViolation(s, { off })
    }, share))
  test('on graphs with every kind of node there is', () => {
    say(coverage.table())
    expect(coverage.unmet()).toEqual([])
  })
})

test('every pass finds work on the generated graphs', () => {
  const changed = new Map(pipeline.map((p) => [p.name, 0]))
  for (const { it } of fc.sample(settings, { numRuns: 300, seed })) {
    for (const { pass, changed: yes } of optimise(it.graph).steps) if (yes) changed.set(pass, changed.get(pass)! + 1)
  }
  for (const [pass, n] of changed) expect(n, pass).toBeGreaterThan(2)
})

test('two runs give the same bytes', () => {
  for (const { it } of fc.sample(settings, { numRuns: 30, seed })) {
    expect(print(optimise(it.graph).graph)).toBe(print(optimise(it.graph).graph))
  }
})

test('what is trusted is small', () => {
  const { files, total } = trustedLines()
  expect(files.map((f) => f.file)).toContain('passes/check/dce.ts')
  // No file is long, and together they stay what one person can read in an afternoon; half of it is rewriting by laws.
  for (const f of files) expect(f.lines, f.file).toBeLessThan(250)
  expect(total).toBeLessThan(2200)
})

test('a pass that throws or says it cannot is dropped, and told', () => {
  const { it } = fc.sample(settings, { numRuns: 1, seed })[0]!
  const broken = {
    name: 'broken',
    doc: '',
    from: 'fused',
    to: 'fused',
    run: () => {
      throw new Error('lost my way')
    },
  } as const
  const [failure] = optimise(it.graph, { extra: [broken] }).failures
  expect(failure).toMatchObject({
    _tag: 'OptimizationFailed',
    stage: 'optimise',
    pass: 'broken',
    cause: 'it threw: lost my way',
  })
  expect(failure!.remedy).toContain("off: ['broken']")
  const unable = { ...broken, run: () => left('this graph has no loops') }
  expect(isLeft(runPass(unable, { ...it.graph, stage: 'fused' }))).toBe(true)
  expect(optimise(it.graph, { optimize: false })).toMatchObject({
    steps: [],
    failures: [],
    graph: { stage: 'fused', root: it.graph.root },
  })
})
