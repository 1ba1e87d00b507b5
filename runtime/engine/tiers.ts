/**
 * How a graph can run, from what is there at once to what runs fastest. Which one it gets is a matter of speed only: all
 * of them answer the same, to the last bit.
 */
export const tiers = ['interpreter', 'typescript', 'quick', 'optimised'] as const
export type Tier = (typeof tiers)[number]
export type CompiledTier = Exclude<Tier, 'interpreter'>
export const compiledTiers: readonly CompiledTier[] = ['typescript', 'quick', 'optimised']
export const rank = (t: Tier): number => tiers.indexOf(t)

/**
 * What the compiler is asked for; part of the key of the code. `quick` does with the passes that make kernels, so it is for
 * arrays only.
 */
export const recipe: Readonly<
  Record<CompiledTier, { readonly target: 'ts' | 'wasm'; readonly off: readonly string[] }>
> = {
  typescript: { target: 'ts', off: [] },
  quick: { target: 'wasm', off: ['dce', 'merge', 'simplify', 'batch'] },
  optimised: { target: 'wasm', off: [] },
}

/** When to compile: `eager` at once and for the best tier, `lazy` when it pays, `never` not at all. */
export type When = 'eager' | 'lazy' | 'never'

export interface TierPolicy {
  /** After so many runs, older ones counting less, a tier is thought of. */
  readonly calls: Readonly<Record<CompiledTier, number>>
  /** How much time a run is expected to take, as a share of what the interpreter needs. */
  readonly share: Readonly<Record<Tier, number>>
  /** What compiling is expected to cost, in milliseconds: so much, and so much for each node. */
  readonly cost: Readonly<Record<CompiledTier, { readonly ms: number; readonly msPerNode: number }>>
  /** What has run so often is expected to run so many times as often still. */
  readonly horizon: number
  /** After so many milliseconds a run counts half. */
  readonly halfLifeMs: number
  /** What had to leave is not loaded again before so many milliseconds. */
  readonly restMs: number
}
/** Costs and shares as measured by `npm run bench -- lifecycle`, rounded; they need to be right by the order only. */
export const usualPolicy: TierPolicy = {
  calls: { typescript: 3, quick: 5, optimised: 30 },
  share: { interpreter: 1, typescript: 0.015, quick: 0.01, optimised: 0.005 },
  cost: {
    typescript: { ms: 60, msPerNode: 0.05 },
    quick: { ms: 15, msPerNode: 0.03 },
    optimised: { ms: 20, msPerNode: 0.1 },
  },
  horizon: 10,
  halfLifeMs: 60_000,
  restMs: 1000,
}

/** How often and how long something ran: a count that decays, and a moving average. */
export interface Heat {
  readonly count: number
  readonly at: number
  /** Milliseconds of one run, as the interpreter would take. */
  readonly msPerRun: number
}
export const cold: Heat = { count: 0, at: 0, msPerRun: 0 }
export const heatAt = (h: Heat, now: number, p: TierPolicy): number =>
  h.count === 0 ? 0 : h.count * 0.5 ** (Math.max(0, now - h.at) / p.halfLifeMs)
export const warmed = (h: Heat, now: number, ms: number, tier: Tier, p: TierPolicy): Heat => {
  const interpreted = ms / p.share[tier]
  return {
    count: heatAt(h, now, p) + 1,
    at: now,
    // What ran in the interpreter is known; the rest is an estimate, and moves the average less.
    msPerRun:
      h.count === 0 ? interpreted : h.msPerRun + (interpreted - h.msPerRun) * (tier === 'interpreter' ? 0.3 : 0.02),
  }
}

/** What is known of a graph when it is asked which tier it should have. */
export interface Candidate {
  readonly when: When
  readonly heat: number
  readonly msPerRun: number
  readonly nodes: number
  /** It asks the outside: without the passes its queries would go one by one. */
  readonly effects: boolean
  readonly has: Tier
  /** Tiers that failed lately, were withdrawn, or are being made. */
  readonly blocked: ReadonlySet<Tier>
}

/** The tier worth compiling now, if any: the best that is hot enough and is expected to earn what compiling costs. */
export const wanted = (c: Candidate, p: TierPolicy): CompiledTier | undefined => {
  if (c.when === 'never') return undefined
  const better = compiledTiers.filter(
    (t) => rank(t) > rank(c.has) && !c.blocked.has(t) && !(t === 'quick' && c.effects),
  )
  if (c.when === 'eager') return better.at(-1)
  const earns = (t: CompiledTier): boolean => {
    const { ms, msPerNode } = p.cost[t]
    return c.heat * p.horizon * c.msPerRun * (p.share[c.has] - p.share[t]) >= ms + msPerNode * c.nodes
  }
  return better.findLast((t) => c.heat >= p.calls[t] && earns(t))
}
