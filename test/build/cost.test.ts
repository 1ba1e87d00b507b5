// Requirements: K1

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** A graph of n operations over a few dimensions, in one body. */
const source = (n: number): string => {
  const step = (i: number): string => {
    const from = i < 4 ? `x${i}` : `v${i - 4}`
    return `  const v${i} = exp(${from}.mul(s).add(${i}).sub(${from})).add(fx\`2 * \${${from}} + \${s}\`)`
  }
  return [
    `import { exp, fx, graph, t } from ${JSON.stringify(resolve('graph/index.ts'))}`,
    "const inputs = { s: t.f64, x0: t.tensor(t.f64, 'a'), x1: t.tensor(t.f64, 'b'), x2: t.tensor(t.f64, 'a', 'b'), x3: t.tensor(t.f64, 3) }",
    "export const g = graph('g', inputs, ({ s, x0, x1, x2, x3 }) => {",
    ...Array.from({ length: n }, (_, i) => step(i)),
    `  return { a: v${n - 4}, b: v${n - 3}, c: v${n - 2}, d: v${n - 1} }`,
    '})',
  ].join('\n')
}
const instantiations = (n: number): number => {
  const folder = mkdtempSync(join(tmpdir(), 'quoin-types-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'a.ts'), source(n))
    const compilerOptions = { typeRoots: [resolve('node_modules/@types')] }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: resolve('tsconfig.json'), include: ['a.ts'], compilerOptions }),
    )
    const tsc = resolve('node_modules/typescript/bin/tsc')
    const out = execFileSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
    return Number(/Instantiations:\s*(\d+)/.exec(out)?.[1])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('checking the types of a graph costs little, and no more for each operation of a longer one', () => {
  const [few, some, many] = [instantiations(20), instantiations(100), instantiations(400)]
  process.stdout.write(`type instantiations: ${few} for 20 statements, ${some} for 100, ${many} for 400\n`)
  expect(some).toBeLessThan(150_000)
  expect(many - some).toBeLessThanOrEqual(5 * (some - few) + 20_000)
})
