import type { Answer } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import type { Value } from '../graph/values.ts'
import type { Artifact } from './artifact.ts'
import type { KernelLimits, BoundKernels as Kernels } from './kernels.ts'
import { bindTs, bindWasm, helpersFor, unused } from './kernels.ts'

/** The kernels of an artefact, ready to be called. */
export interface BoundKernels
  extends Pick<Kernels, 'enter' | 'leave' | 'call' | 'memory' | 'prepare' | 'threads' | 'close'> {
  readonly run: (index: number, args: readonly Value[]) => Answer
  readonly scratchBytes: () => number
}

/** Binds the kernels of an artefact, checking the bytes of a WebAssembly module against the manifest. */
export const bindKernels = async (a: Artifact, limits: KernelLimits = {}): Promise<Either<RunError, BoundKernels>> => {
  const { manifest, kernels } = a
  if (manifest.kernels.length === 0) return right(noKernels)
  let bound: ReturnType<typeof bindTs>
  if (kernels.ts !== undefined) bound = bindTs(manifest.kernels, kernels.ts, manifest.memory, limits)
  else {
    if (kernels.wasm === undefined) return left(refused('has neither TypeScript nor WebAssembly kernels'))
    const at = kernels.wasm()
    const bytes = at instanceof URL ? new Uint8Array(await (await import('node:fs/promises')).readFile(at)) : at
    const { createHash } = await import('node:crypto')
    if (createHash('sha256').update(bytes).digest('hex') !== manifest.wasm)
      return left(refused('was changed: the bytes of kernels.wasm are not those its manifest names'))
    const helpers = await helpersFor(limits.threads ?? 1)
    bound = bindWasm(manifest.kernels, bytes, limits, manifest.memory, helpers)
    await unused(helpers)
  }
  if (isLeft(bound)) return bound
  const b = bound.right
  return right({
    enter: b.enter,
    leave: b.leave,
    call: b.call,
    memory: b.memory,
    prepare: b.prepare,
    threads: b.threads,
    close: b.close,
    run: (index, args) => {
      const r = b.run(index, args)
      return isLeft(r) ? r : right(Object.fromEntries(r.right.map((v, i) => [String(i), v])) as Value)
    },
    scratchBytes: () => b.stats().scratchBytes,
  })
}
const refused = (cause: string): RunError => ({
  _tag: 'LoadFailed',
  node: '',
  place: '',
  cause: `the artefact ${cause}`,
  remedy: 'build it again with quoin build',
})

/** What takes the place of kernels where there are none, or where nothing may call them. */
export const noKernels: BoundKernels = {
  run: () => left(refused('has no kernels')),
  enter: () => {
    throw new Error('bug: a frame without kernels')
  },
  leave: () => {},
  call: () => left(refused('has no kernels')),
  memory: () => ({ peakBytes: 0, grown: 0, arrays: 0 }),
  prepare: () => left(refused('has no kernels')),
  threads: () => ({ threads: 1, shared: 0 }),
  close: () => Promise.resolve(),
  scratchBytes: () => 0,
}
