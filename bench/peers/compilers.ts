import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Absent, Contender } from '../harness.ts'

const run = promisify(execFile)
type Inputs = readonly Float64Array[]

/**
 * W1's formula with another constant each time, as a loop that somebody would write by hand, through a compiler: from text to
 * first result. What it is run on stands in the text, because there is little of it.
 */
const fresh = async (
  name: string,
  tool: string,
  inputs: Inputs,
  once: (directory: string, made: number, constant: number) => Promise<Float64Array>,
): Promise<Contender<Float64Array> | Absent> => {
  try {
    await run(tool, ['--version'])
  } catch {
    return { name, absent: `needs ${tool}` }
  }
  const directory = await mkdtemp(join(tmpdir(), 'quoin-bench-'))
  let made = 0
  let last = new Float64Array(inputs[0]!.length)
  return {
    name,
    run: async () => {
      made++
      last = (await once(directory, made, 0.5 + made)) as Float64Array<ArrayBuffer>
    },
    output: async () => {
      last = (await once(directory, ++made, 0.5)) as Float64Array<ArrayBuffer>
      return last
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

export const tsc = (inputs: Inputs): Promise<Contender<Float64Array> | Absent> => {
  const tool = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))
  return fresh('tsc', tool, inputs, async (directory, made, constant) => {
    const file = join(directory, `w${made}.ts`)
    const text = `export const f = (a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array): Float64Array => {
  const y = new Float64Array(a.length)
  for (let i = 0; i < y.length; i++) {
    const [p, q, r, s] = [a[i]!, b[i]!, c[i]!, d[i]!]
    y[i] = Math.sqrt(p * p + q * q) * r - s / (1 + Math.abs(p)) + (q < r ? q : r) * ${constant}
  }
  return y
}
`
    await writeFile(file, text)
    const flags = ['--strict', '--target', 'es2022', '--module', 'esnext', '--types', '', '--ignoreConfig']
    await run(tool, [file, '--outDir', join(directory, 'out'), ...flags])
    const js = join(directory, 'out', `w${made}.js`)
    const { f } = (await import(js)) as { f: (...xs: Inputs) => Float64Array }
    return f(...inputs)
  })
}

export const gcc = (inputs: Inputs): Promise<Contender<Float64Array> | Absent> =>
  fresh('gcc -O3', 'gcc', inputs, async (directory, made, constant) => {
    const [source, program] = [join(directory, `w${made}.c`), join(directory, `w${made}`)]
    const data = inputs
      .map((x, k) => `static const volatile double i${k}[] = {${[...x].map(hex).join(',')}};`)
      .join('\n')
    const text = `#include <math.h>
#include <stdio.h>
${data}
int main(void) {
  for (int i = 0; i < ${inputs[0]!.length}; i++) {
    double p = i0[i], q = i1[i], r = i2[i], s = i3[i];
    printf("%.17g\\n", sqrt(p * p + q * q) * r - s / (1 + fabs(p)) + (q < r ? q : r) * ${constant.toFixed(1)});
  }
}
`
    await writeFile(source, text)
    await run('gcc', ['-O3', '-ffp-contract=off', '-o', program, source, '-lm'])
    const { stdout } = await run(program, [])
    return Float64Array.from(stdout.trim().split('\n'), Number)
  })
/** Seventeen digits say which number it is. */
const hex = (x: number): string => x.toPrecision(17)
