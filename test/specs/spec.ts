import type { Constants, Machine } from './machine.ts'

/** A change to a specification that must be found, and which invariant or property it violates. */
export interface Mutant {
  readonly about: string
  readonly from: string
  readonly to: string
  readonly violates: string
  /** The model in which it is looked for: the large one unless said. */
  readonly model?: Size
}
export const sizes = ['Small', 'Large'] as const
export type Size = (typeof sizes)[number]

/** A specification, what is claimed of it beyond its text, and how it would be noticed if a claim meant nothing. */
export interface Spec {
  /** Of the module `specs-tla/<name>.tla` and of its models `<name>Small.cfg` and `<name>Large.cfg`. */
  readonly name: string
  readonly about: string
  /** What of Quoin it speaks about. */
  readonly code: readonly string[]
  /** Distinct states of its models: every checker finds so many, and another number is another model. */
  readonly states: Readonly<Record<Size, number>>
  /** The same protocol in TypeScript. */
  // biome-ignore lint/suspicious/noExplicitAny: states of different protocols stand in one list
  readonly machine: (c: Constants) => Machine<any>
  /** Changes that break an invariant: each invariant has one. */
  readonly unsafe: readonly Mutant[]
  /** Changes that only fairness and liveness tell: each property has one. */
  readonly stuck: readonly Mutant[]
  /**
   * What has to happen so that a claim says something, by the claim's name or in words. Without any one of the actions
   * a state is reached no more, or it is a shortcut.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly antecedents: Readonly<Record<string, (s: any) => boolean>>
  /** Actions without which every state is still reached: which property fails without them, or what they are there for. */
  readonly shortcuts?: Readonly<Record<string, { readonly breaks: string } | { readonly why: string }>>
  /** Where it is held against the code: a test that walks every edge, and one that replays what was recorded. */
  readonly conformance?: string
  readonly traces?: string
  /** Tests of something else that hand over what they saw: how their names begin, and what a trace of theirs is. */
  readonly heard?: readonly { readonly by: string; readonly test: string; readonly trace: string }[]
  /** Nothing carries the protocol out yet. Whatever does will have to know one of these; `model-only.test.ts` looks. */
  readonly runtime?: { readonly is: 'none'; readonly needs: readonly string[] }
}

/** The text with the change; a change that no longer applies is an error, not a pass. */
export const mutated = (spec: string, m: Mutant): string => {
  if (spec.split(m.from).length !== 2) throw new Error(`the mutant '${m.about}' does not apply exactly once`)
  return spec.replace(m.from, () => m.to)
}

/** The text in which an action never happens. */
export const withoutAction = (spec: string, action: string): string =>
  spec.replace(
    new RegExp(`^${action}(\\([\\w, ]*\\))? ==`, 'm'),
    (all, args = '') => `${action}${args} == FALSE\n${all.replace(action, `${action}Never`)}`,
  )

const line = (cfg: string, word: string): readonly string[] =>
  new RegExp(`^${word} (.*)$`, 'm').exec(cfg)?.[1]?.split(' ') ?? []
export const invariantsOf = (cfg: string): readonly string[] => line(cfg, 'INVARIANTS')
export const propertiesOf = (cfg: string): readonly string[] => line(cfg, 'PROPERTIES')

/** The constants of a model: numbers, truth values, words, and sets of numbers. */
export const constantsOf = (cfg: string): Constants =>
  Object.fromEntries(
    [...cfg.matchAll(/^ {2}(\w+) = (.*)$/gm)].map(([, name, text]) => {
      const value = text!.replace('{', '[').replace('}', ']').replace('TRUE', 'true').replace('FALSE', 'false')
      return [name!, JSON.parse(value) as Constants[string]]
    }),
  )
