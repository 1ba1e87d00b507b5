/** What kernels may have. */
export interface KernelLimits {
  /** Most bytes at once: the memory of WebAssembly, at most 4 GiB - 64 KiB; of TypeScript a frame, or one call's results. */
  readonly maxBytes?: number
}
