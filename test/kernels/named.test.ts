// Requirements: K2

import { expect, test } from 'vitest'
import { wasmText } from '../../codegen/targets/wasm/index.ts'
import { mustMake } from '../../graph/make.ts'
import { tensor } from '../../graph/types.ts'
import { compiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { body, kernelOf, must } from './compile.ts'

const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
interface Engine {
  readonly Module: (new (
    bytes: Uint8Array,
  ) => object) & { customSections(m: object, name: string): readonly ArrayBuffer[] }
}

test('a profiler sees what a kernel computes, not only its number', async () => {
  const d = new Draft()
  const x = d.in('f64[n]')
  const c = await compiled(
    d.graph(d.add('reduce', { how: 'sum', axes: [0] }, [d.add('sqrt', {}, [d.add('mul', {}, [x, x])])])),
    'wasm',
  )
  const bytes = c.kernels.wasm!() as Uint8Array
  const [names] = engine.Module.customSections(new engine.Module(bytes), 'name')
  expect(new TextDecoder().decode(names)).toContain('k0 mul, sqrt, reduce sum')
})
test('as text, values have the names of their operations', async () => {
  const x = tensor('f64', ['n'])
  const kernel = kernelOf(body([x], (arena, [p]) => [mustMake(arena, 'sqrt', {}, [p!])]))
  const text = must(await wasmText([kernel]))
  for (const part of ['(func $"k0 sqrt"', '(param $in0 i32)', '(local.set $sqrt.', '(local.get $in0_cells.'])
    expect(text).toContain(part)
  expect(text).toContain('(export "k0" (func $"k0 sqrt"')
})
