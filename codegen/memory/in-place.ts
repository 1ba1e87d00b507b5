import type { Kernel, Lanes, Stmt, Store } from '../kernels/index.ts'

/**
 * For each output the inputs that it may take the place of, as far as the kernel goes: those it reads only where it stores
 * that very cell. Looked for where cells are gone through in plain loops; what else might be safe is left alone.
 */
export const inPlaceOf = (k: Kernel): readonly (readonly number[])[] => {
  const found: Lanes[] = []
  const walk = (s: Stmt): boolean => {
    if (s.s === 'lanes') return found.push(s) > 0
    return s.s === 'for' && s.body.every(walk)
  }
  const [only] = k.body.every(walk) ? found : []
  if (only === undefined || found.length > 1 || only.body.some((s) => s.i === 'repeat'))
    return k.descriptor.outputs.map(() => [])
  const steps = [...only.before, ...only.body]
  return k.descriptor.outputs.map((out, o) => {
    const stores = only.body.filter((s): s is Store => s.i === 'store' && s.to === `out${o}`)
    const [store] = stores
    if (stores.length !== 1 || store!.step !== 1) return []
    const here = JSON.stringify(store!.at)
    return k.descriptor.inputs.flatMap((x, i) => {
      const reads = steps.filter((s) => (s.i === 'load' || s.i === 'fetch') && s.from === `in${i}`)
      const same = reads.every(
        (s) => only.body.includes(s) && s.i === 'load' && s.step === 1 && JSON.stringify(s.at) === here,
      )
      return same && reads.length > 0 && x.elem === out.elem ? [i] : []
    })
  })
}
