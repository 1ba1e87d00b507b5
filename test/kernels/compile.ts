import { stripTypeScriptTypes } from 'node:module'
import type { Kernel } from '../../codegen/kernels/index.ts'
import { lowerKernel } from '../../codegen/kernels/index.ts'
import { emitTs } from '../../codegen/targets/ts/index.ts'
import { emitWasm } from '../../codegen/targets/wasm/index.ts'
import type { Arena, NodeId, Region } from '../../graph/arena.ts'
import { Arena as NewArena } from '../../graph/arena.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft } from '../../graph/either.ts'
import { mustMake } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Type } from '../../graph/types.ts'
import type { RecordValue, Value } from '../../graph/values.ts'
import { postorder } from '../../graph/walk.ts'
import type { BoundKernels, TsKernels } from '../../runtime/kernels.ts'
import { bindTs, bindWasm } from '../../runtime/kernels.ts'

export interface Case {
  readonly arena: Arena
  readonly region: Region
}

/** A kernel body: parameters in, outputs out. */
export const body = (params: readonly Type[], f: (arena: Arena, ps: readonly NodeId[]) => readonly NodeId[]): Case => {
  const arena = new NewArena()
  const ps = params.map((type, index) => mustMake(arena, 'param', { index, type }))
  const outs = f(arena, ps)
  return { arena, region: { params, root: mustMake(arena, 'record', { fields: outs.map((_, k) => String(k)) }, outs) } }
}
export const must = <L, R>(e: Either<L, R>): R => {
  if (isLeft(e)) throw new Error(`unexpected: ${JSON.stringify(e.left)}`)
  return e.right
}
export const kernelOf = (c: Case, name = 'k0'): Kernel => must(lowerKernel(c.arena, c.region, name))

/** What the ops mean, node by node. */
export const meaningOf = ({ arena, region }: Case, args: readonly Value[]): readonly Value[] => {
  const values = new Map<NodeId, Value>()
  for (const id of postorder(arena, region.root)) {
    const n = arena.node(id)
    values.set(
      id,
      n.op.name === 'param'
        ? args[(n.op.attrs as { index: number }).index]!
        : declOf(n.op.name as OpName).meaning!(
            n.op.attrs as never,
            n.args.map((a) => values.get(a)!),
            n.args.map((a) => arena.typeOf(a)),
            n.type,
          ),
    )
  }
  const out = values.get(region.root) as RecordValue
  return Object.keys(out).map((_, k) => out[String(k)]!)
}

export const tsFunctions = (kernels: readonly Kernel[]): TsKernels => {
  const { prelude, functions } = emitTs(kernels)
  const js = stripTypeScriptTypes(`${prelude}\n${functions}`)
  return new Function(
    `'use strict'\n${js}\nreturn { ${kernels.map((k) => k.descriptor.name).join(', ')} }`,
  )() as TsKernels
}
export const targets = ['ts', 'wasm'] as const
export type Target = (typeof targets)[number]
export const bind = async (target: Target, kernels: readonly Kernel[]): Promise<BoundKernels> => {
  const descriptors = kernels.map((k) => k.descriptor)
  return must(
    target === 'ts' ? bindTs(descriptors, tsFunctions(kernels)) : bindWasm(descriptors, must(await emitWasm(kernels))),
  )
}
