import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Prim } from '../../graph/prims.ts'
import { primNames } from '../../graph/prims.ts'

export const isScalarOp = (name: string): name is Prim => (primNames as readonly string[]).includes(name)
export const isElementary = (name: string): name is ElementaryName => Object.hasOwn(elementary, name)

/** Ops that are a kernel of their own: they read cells at places that no affine map gives, or in an order of their own. */
export const singles = {
  contract: true,
  gather: true,
  concat: true,
  argReduce: true,
  cumsum: true,
  cumulate: true,
} as const
export type Single = keyof typeof singles
export const isSingle = (name: string): name is Single => Object.hasOwn(singles, name)

/** What a loop can hold where its first operand lies in memory. */
export const readings: ReadonlySet<string> = new Set(['gather', 'reshape'])
