import { readFileSync } from 'node:fs'
import init, { check_spec_with_cfg, explore_eval, explore_init } from 'tla-checker'
import { invariantsOf } from './spec.ts'

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

const forSafety = (cfg: string): string =>
  cfg.replace(/^SPECIFICATION .*$/m, 'INIT Init\nNEXT Next').replace(/^PROPERTIES .*$/m, '')

export const checkSafety = (spec: string, cfg: string, draw = true): Checked => {
  const r = JSON.parse(check_spec_with_cfg(spec, forSafety(cfg), '{}', 100_000, 1000, true, draw)) as Record<
    string,
    unknown
  >
  const invariants = invariantsOf(cfg)
  return {
    success: r.success === true,
    // It gives the number of an invariant, in their order.
    error: String(r.error_message ?? '').replace(/^Invariant (\d+)/, (_, n: string) => `${invariants[Number(n)]}`),
    states: Number(r.states_explored),
    warnings: (r.warnings ?? []) as readonly string[],
    dot: String(r.dot ?? ''),
  }
}

/** What an expression is in the first state: a definition that was dropped is an error here, and not a success. */
export const atStart = (spec: string, cfg: string, expression: string): unknown => {
  const start = JSON.parse(explore_init(spec, forSafety(cfg), '{}')) as { states: readonly { json: unknown }[] }
  const state = JSON.stringify(start.states[0]!.json)
  return JSON.parse(explore_eval(spec, forSafety(cfg), '{}', state, expression))
}
