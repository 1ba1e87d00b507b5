import type { Generated } from '../../codegen/artifact.ts'

/** Every file an artefact may hold; anything else in its directory belongs to somebody else. */
export const artifactFiles = [
  'module.ts',
  'module.js',
  'kernels.wasm',
  'manifest.json',
  'inventory.md',
  'inventory.json',
  'certificates.json',
  'names.json',
] as const satisfies readonly (keyof Generated['files'])[]

export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : content
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** `<name>.quoin`, from the name of the graph; what could leave the directory or needs quoting becomes a dash. */
export const directoryName = (graph: string): string => {
  const safe = graph
    .replace(/[^\p{L}\p{N}_.-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100)
  return `${safe === '' ? 'graph' : safe}.quoin`
}
