/** What kernels may have. */
export interface KernelLimits {
  /** Most bytes at once: the memory of WebAssembly, at most 4 GiB - 64 KiB; of TypeScript a frame, or one call's results. */
  readonly maxBytes?: number
  /** Threads that divide long calls of WebAssembly kernels among them, the calling one included; 1 unless said. */
  readonly threads?: number
}
