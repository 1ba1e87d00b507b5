export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k + 1)
/** Every way to take one of each. */
export const combinations = <T>(each: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  each.reduce<readonly (readonly T[])[]>((all, xs) => all.flatMap((a) => xs.map((x) => [...a, x])), [[]])
