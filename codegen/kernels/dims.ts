import type { Dim } from '../../graph/types.ts'
import type { SizeExpr } from '../../runtime/kernels.ts'
import type { Product } from './ix.ts'
import { product } from './ix.ts'

/** The dimensions of a kernel: those its inputs bring, and those that slices and joins make of them. */
export class Dims {
  readonly base: string[] = []
  readonly derived: { readonly name: string; readonly size: SizeExpr }[] = []

  fromInput(shape: readonly Dim[]): void {
    for (const d of shape) if (typeof d === 'string' && !this.base.includes(d)) this.base.push(d)
  }
  /** A dimension that the kernel itself makes; a name that is known already has that size, for equal names do. */
  derive(name: Dim, size: SizeExpr): void {
    if (typeof name === 'string' && !this.knows(name)) this.derived.push({ name, size })
  }
  knows(d: Dim): boolean {
    return typeof d === 'number' || this.base.includes(d) || this.derived.some((x) => x.name === d)
  }
  /** The variable that holds a dimension in the kernel. */
  size(d: Dim): Product {
    if (typeof d === 'number') return { times: d, of: [] }
    const at = this.base.indexOf(d)
    return { times: 1, of: [`n${at >= 0 ? at : this.base.length + this.derived.findIndex((x) => x.name === d)}`] }
  }
  sizes(shape: readonly Dim[]): Product[] {
    return shape.map((d) => this.size(d))
  }
  cells(shape: readonly Dim[]): Product {
    return product(...this.sizes(shape))
  }
  /** The same for callers, in terms of the dimensions of inputs. */
  expr(d: Dim): SizeExpr {
    return this.derived.find((x) => x.name === d)?.size ?? d
  }
  exprs(shape: readonly Dim[]): SizeExpr[] {
    return shape.map((d) => this.expr(d))
  }
}
