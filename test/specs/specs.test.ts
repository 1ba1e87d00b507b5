import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { atStart, checkSafety, folder, read } from './checker.ts'
import { ofEmbedded, stepsOf } from './dot.ts'
import { explored, keyOf, reached } from './machine.ts'
import { specs } from './registry.ts'
import { constantsOf, invariantsOf, mutated, propertiesOf, sizes } from './spec.ts'
import { traced } from './traced.ts'

test('each specification and each model is in the registry', () => {
  const files = specs.flatMap(({ name }) => [`${name}.tla`, ...sizes.map((s) => `${name}${s}.cfg`)])
  const traces = traced.map(({ name }) => `Trace${name}.tla`)
  expect(readdirSync(folder).sort()).toEqual([...files, ...traces].sort())
  expect(specs.flatMap((s) => (s.traces === undefined ? [] : [s.name]))).toEqual(traced.map((t) => t.name))
})

let states = 0
afterAll(() => {
  const n = specs.length
  process.stdout.write(
    `specs: safety of ${n} specifications by tla-checker (${states} states), each the same graph as its model in TypeScript; ` +
      'not checked here: fairness and liveness, which takes TLC, hence Java (npm run specs)\n',
  )
})

describe.each(specs)('$name', (spec) => {
  const text = read(`${spec.name}.tla`)
  const models = sizes.map((size) => {
    const cfg = read(`${spec.name}${size}.cfg`)
    return { size, cfg, graph: explored(spec.machine(constantsOf(cfg))) }
  })

  test('says what it is about and what it assumes', () => {
    const [, header] = /^-+ MODULE \w+ -+\n((?:\(\*.*\*\)\n)+)/.exec(text) ?? []
    expect(header, 'a header right under the name').toBeDefined()
    expect(header!.match(/ASSUMES /g) ?? []).not.toEqual([])
  })

  test('claims what it lists, and each claim has a change that breaks it', () => {
    expect(text.match(/^\w*Spec ==/gm)).toEqual([`${spec.name}Spec ==`])
    const declared = /^CONSTANTS\n((?: .*\n)+)/m
      .exec(text)?.[1]
      ?.match(/^ {2}\w+/gm)
      ?.map((c) => c.trim())
    for (const { cfg } of models) {
      expect(cfg).not.toMatch(/CONSTRAINT|SYMMETRY|VIEW|<-/)
      expect(cfg).toContain(`SPECIFICATION ${spec.name}Spec`)
      expect(Object.keys(constantsOf(cfg)).sort()).toEqual([...declared!].sort())
      expect(invariantsOf(cfg)).toContain('TypeOK')
      for (const name of propertiesOf(cfg)) expect(text).toContain(`\n${name} ==`)
      expect(new Set(spec.unsafe.map((m) => m.violates))).toEqual(new Set(invariantsOf(cfg)))
      expect(new Set(spec.stuck.map((m) => m.violates))).toEqual(new Set(propertiesOf(cfg)))
      for (const c of [...invariantsOf(cfg), ...propertiesOf(cfg)])
        if (c !== 'TypeOK') expect(Object.keys(spec.antecedents)).toContain(c)
    }
  })

  test.each(models)(
    'the $size model is safe, and its states and steps are those of the model in TypeScript',
    (m) => {
      for (const name of invariantsOf(m.cfg)) expect(atStart(text, m.cfg, name)).toMatchObject({ json: true })
      for (const name of Object.keys(constantsOf(m.cfg))) expect(atStart(text, m.cfg, name)).toMatchObject({ ok: true })
      const { dot, ...checked } = checkSafety(text, m.cfg)
      expect(checked).toEqual({ success: true, error: '', warnings: [], states: spec.states[m.size] })
      expect(checked.states).toBeGreaterThan(1)
      states += checked.states
      const drawn = ofEmbedded(dot)
      const keys = m.graph.states.map(keyOf)
      expect(drawn.states.size).toBe(spec.states[m.size])
      expect(drawn.states.symmetricDifference(new Set(keys)).size).toBe(0)
      expect(drawn.steps.symmetricDifference(stepsOf(m.graph, false)).size).toBe(0)
    },
    300_000,
  )

  test('nothing holds because nothing happens: each action is taken, and without it something comes about no more', () => {
    const { graph } = models[1]!
    const happens = (states: readonly unknown[]) =>
      Object.keys(spec.antecedents).filter((a) => states.some(spec.antecedents[a]!))
    expect(happens(graph.states)).toEqual(Object.keys(spec.antecedents))
    const named = [...text.matchAll(/^(\w+)(?:\([\w, ]*\))? ==/gm)].map(([, name]) => name!)
    const idle: string[] = []
    for (const action of new Set(graph.edges.map((e) => e.action))) {
      expect(named).toContain(action)
      const left = reached(graph, (e) => e.action !== action)
      if (left.length === graph.states.length && happens(left).length === happens(graph.states).length)
        idle.push(action)
    }
    expect(idle.sort(), 'everything comes about without them').toEqual(Object.keys(spec.shortcuts ?? {}).sort())
  })

  test.each(spec.unsafe)('a specification in which $about is refused', (m) => {
    const checked = checkSafety(mutated(text, m), read(`${spec.name}${m.model ?? 'Large'}.cfg`), false)
    expect(checked.success).toBe(false)
    expect(checked.error).toContain(m.violates)
  })
  test.each(spec.stuck)('the change by which $about applies, and is safe, so that only TLC tells it', (m) => {
    expect(checkSafety(mutated(text, m), read(`${spec.name}Small.cfg`), false)).toMatchObject({ success: true })
  })
})
