import { readFileSync } from 'node:fs'
import init, { check_spec_with_cfg } from 'tla-checker'

/**
 * The embedded model checker, for safety alone: its liveness is not to be trusted, and what it does not understand it may
 * drop. So it is given a start and a step instead of a specification with fairness, and every answer is looked at.
 */
const wasm = new URL('../../node_modules/tla-checker/tla_checker_bg.wasm', import.meta.url)
await init({ module_or_path: readFileSync(wasm) })

export interface Checked {
  readonly success: boolean
  readonly error: string
  readonly states: number
  readonly warnings: readonly string[]
  readonly dot: string
}
export const folder = new URL('../../specs-tla/', import.meta.url)
export const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')

export const checkSafety = (spec: string, cfg: string): Checked => {
  const safety = cfg.replace(/^SPECIFICATION .*$/m, 'INIT Init\nNEXT Next').replace(/^PROPERTIES .*$/m, '')
  const r = JSON.parse(check_spec_with_cfg(spec, safety, '{}', 100_000, 1000, true, true)) as Record<string, unknown>
  const invariants = /^INVARIANTS (.*)$/m.exec(cfg)?.[1]?.split(' ') ?? []
  return {
    success: r.success === true,
    // It gives the number of an invariant, in their order.
    error: String(r.error_message ?? '').replace(/^Invariant (\d+)/, (_, n: string) => `${invariants[Number(n)]}`),
    states: Number(r.states_explored),
    warnings: (r.warnings ?? []) as readonly string[],
    dot: String(r.dot ?? ''),
  }
}

/** The state graph: states as the values of their variables, and steps between them. */
export const graphOf = (dot: string) => {
  const states = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [, name, label] of dot.matchAll(/^ {2}(s\d+) \[label="((?:[^"\\]|\\.)*)"/gm)) {
    const lines = label!.replaceAll('\\n', '\n').replaceAll('\\"', '"').split('\n')
    const values = lines.map((l) => {
      const at = l.indexOf('=')
      return [
        l.slice(0, at),
        JSON.parse(
          l
            .slice(at + 1)
            .replaceAll('<<', '[')
            .replaceAll('>>', ']'),
        ),
      ] as const
    })
    states.set(name!, Object.fromEntries(values))
  }
  const steps = [...dot.matchAll(/^ {2}(s\d+) -> (s\d+)/gm)].map(([, a, b]) => [a!, b!] as const)
  return { states, steps }
}
