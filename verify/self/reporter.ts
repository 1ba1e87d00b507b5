import { relative } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { asked, keep } from './results.ts'
import { root, Tree } from './tree.ts'

/**
 * Keeps how each test file ended, with the hash of what that rests on, for the gate to read: so nothing runs twice. Only
 * whole files count, and only if nothing they rest on changed while they ran.
 */
export class Keeper implements Reporter {
  #tree: Tree | undefined
  #whole = true
  readonly #told: boolean

  constructor({ told = false }: { readonly told?: boolean } = {}) {
    this.#told = told
  }
  onInit(vitest: Vitest): void {
    this.#whole = vitest.config.testNamePattern === undefined && !vitest.config.watch
    this.#tree = this.#whole ? new Tree() : undefined
  }
  onTestModuleQueued(module: TestModule): void {
    const tree = this.#tree
    if (tree !== undefined) tree.digest(tree.under(pathOf(module)))
  }
  onTestModuleEnd(module: TestModule): void {
    const tree = this.#tree
    const what = pathOf(module)
    const ms = Math.round(module.diagnostic().duration)
    if (this.#told) process.stdout.write(`${module.ok() ? 'ok' : 'FAILED'} ${what} ${ms}\n`)
    if (tree === undefined) return
    const under = tree.under(what)
    if (!tree.unchanged(under)) return
    const tests = [...module.children.allTests()].map((t) => {
      const { state, errors } = t.result()
      return {
        name: t.fullName,
        state: state === 'pending' ? ('skipped' as const) : state,
        ms: Math.round(t.diagnostic()?.duration ?? 0),
        ...(state === 'failed' ? { note: (errors?.[0]?.message ?? '').slice(0, 2000) } : {}),
      }
    })
    const ok = module.ok() && tests.length > 0
    keep({ what, rests: tree.digest(under), date: new Date().toISOString(), ...asked(), ok, ms, tests })
  }
}
const pathOf = (m: TestModule): string => relative(root, m.moduleId).replaceAll('\\', '/')
