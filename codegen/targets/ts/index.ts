import type { Numeric } from '../../../graph/elem.ts'
import type { Kernel, Stmt } from '../../kernels/index.ts'
import { prelude } from './prelude.ts'
import { Writer } from './write.ts'

const arrays: Readonly<Record<Numeric, string>> = {
  f64: 'Float64Array',
  f32: 'Float32Array',
  i32: 'Int32Array',
  u32: 'Uint32Array',
  i64: 'BigInt64Array',
  u64: 'BigUint64Array',
  bool: 'Uint8Array',
}

/**
 * Kernels as TypeScript: a prelude, then a function a kernel. Arguments are the cells of inputs, outputs and scratch as
 * typed arrays, then the sizes of dimensions; without the type annotations the text is JavaScript.
 */
export const emitTs = (kernels: readonly Kernel[]): { prelude: string; functions: string } => ({
  prelude: kernels.length === 0 ? '' : prelude,
  functions: kernels.map(functionOf).join('\n'),
})

const functionOf = ({ descriptor: d, body }: Kernel): string => {
  const cells = (prefix: string, of: readonly { readonly elem: Numeric }[]): (readonly [string, string])[] =>
    of.map((x, k) => [`${prefix}${k}`, arrays[x.elem]] as const)
  const types = new Map([...cells('in', d.inputs), ...cells('out', d.outputs), ...cells('tmp', d.scratch)])
  const typeOf = (name: string): string => types.get(name) ?? 'number'
  const w = new Writer(d.name, typeOf)
  const names = [...types.keys(), ...[...d.dims, ...d.derived].map((_, k) => `n${k}`)]
  w.open(`function ${d.name}(${names.map((n) => `${n}: ${typeOf(n)}`).join(', ')}): void {`)
  const variables = [...new Set(body.flatMap(assigned))]
  if (variables.length > 0) w.line(`let ${variables.map((n) => `${n} = 0`).join(', ')}`)
  for (const s of body) w.stmt(s)
  w.close()
  return w.text()
}

const assigned = (s: Stmt): string[] => {
  switch (s.s) {
    case 'set':
      return [s.name]
    case 'for':
    case 'while':
      return s.body.flatMap(assigned)
    case 'if':
      return [...s.yes, ...s.no].flatMap(assigned)
    case 'lanes':
      return []
  }
}
