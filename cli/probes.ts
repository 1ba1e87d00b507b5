import type { Driver } from '../runtime/driver.ts'
import { failed } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { out } from './output.ts'

const limitMs = 30_000

/** `quoin inventory --probe`: what each driver finds where it is bound; the command fails if an assumption does not hold. */
export const probes = async (
  drivers: readonly Driver[],
  name: string,
  format: string,
  interrupt: Interrupt,
): Promise<void> => {
  const signal = AbortSignal.any([interrupt.signal, AbortSignal.timeout(limitMs)])
  const found = (await Promise.all(drivers.map((d) => d.probe?.({ signal }) ?? []))).flat()
  const bad = found.filter((p) => !p.ok)
  const silent = [...new Set(drivers.filter((d) => d.probe === undefined).map((d) => d.kind))]
  const lines = found.map((p) =>
    p.ok ? `ok      ${p.assumption}: ${p.found}` : `failed  ${p.assumption}: ${p.found}\n        fix: ${p.fix}`,
  )
  const rest = silent.length === 0 ? [] : [`nothing can be looked at: ${silent.join(', ')}`]
  const page = lines.length + rest.length === 0 ? ['no driver, nothing to look at'] : [...lines, ...rest]
  await out(format === 'json' ? JSON.stringify(found, null, 2) : page.join('\n'))
  if (bad.length > 0)
    throw failed(`${name}: ${bad.length} of ${found.length} assumptions do not hold here`, 'see what is said of each')
}
