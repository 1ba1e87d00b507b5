/** The part of WebAssembly's JavaScript interface used here; the types of the platform are not among our libraries. */
export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
  /** Newer engines: views of this buffer stay when the memory grows. */
  toResizableBuffer?(): ArrayBuffer
}
interface Api {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (d: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean }) => Memory
}
export const webAssembly: Api = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly
